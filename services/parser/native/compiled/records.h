/* How records are made without a call of their class: allocated by the class's own allocator, and filled through the
   places that the class's member descriptors state. Numbers up to a few thousand are made once. */

#ifndef DEPECHE_RECORDS_H
#define DEPECHE_RECORDS_H

#include <Python.h>
#include <structmember.h>

#define SHARED_NUMBERS 8192

/* Where in its records the class keeps this field; -1 if it does not keep it as a plain reference. */
static Py_ssize_t
record_place(PyTypeObject *type, PyObject *descriptor)
{
    PyMemberDef *member;

    if (Py_TYPE(descriptor) != &PyMemberDescr_Type || PyDescr_TYPE(descriptor) != type) {
        return -1;
    }
    member = ((PyMemberDescrObject *) descriptor)->d_member;
    if (member->type != T_OBJECT_EX || member->offset < (Py_ssize_t) sizeof(PyObject)
        || member->offset + (Py_ssize_t) sizeof(PyObject *) > type->tp_basicsize) {
        return -1;
    }
    return member->offset;
}

/* Whether records of the class consist of this many fields and nothing else. */
static int
record_is_plain(PyTypeObject *type, Py_ssize_t fields)
{
    return type->tp_itemsize == 0 && !PyType_IS_GC(type) && type->tp_alloc != NULL
           && type->tp_basicsize == (Py_ssize_t) (sizeof(PyObject) + (size_t) fields * sizeof(PyObject *));
}

static inline PyObject *
record_new(PyTypeObject *type)
{
    return type->tp_alloc(type, 0);
}

/* Stores a reference, which the record takes over; there must be none yet. */
static inline void
record_put(PyObject *record, Py_ssize_t place, PyObject *value)
{
    *(PyObject **) ((char *) record + place) = value;
}

static inline void
record_replace(PyObject *record, Py_ssize_t place, PyObject *value)
{
    PyObject **field = (PyObject **) ((char *) record + place), *before = *field;

    *field = value;
    Py_XDECREF(before);
}

static inline PyObject *
record_get(PyObject *record, Py_ssize_t place)
{
    return *(PyObject **) ((char *) record + place);
}

static PyObject *shared_numbers[SHARED_NUMBERS];

/* A new reference to the number. */
static inline PyObject *
number_of(Py_ssize_t value)
{
    PyObject *number;

    if (value < 0 || value >= SHARED_NUMBERS) {
        return PyLong_FromSsize_t(value);
    }
    number = shared_numbers[value];
    if (number == NULL) {
        number = PyLong_FromSsize_t(value);
        if (number == NULL) {
            return NULL;
        }
        shared_numbers[value] = number;
    }
    Py_INCREF(number);
    return number;
}

#endif
