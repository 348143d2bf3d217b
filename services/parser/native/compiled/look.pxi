# One look at the bytes of a page: the twins of `has_control_bytes_in_python` and `as_utf8_in_python` in
# services/parser/outline/decode.py, and of `count_tags_in_python` and `formats_without_end_in_python` in
# services/parser/outline/nesting.py.

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE


cdef extern from "look.h" nogil:
    enum: LONGEST_NAME
    bint look_for_controls(const unsigned char *data, size_t length, const unsigned char *control)
    size_t count_of_byte(const unsigned char *data, size_t length, unsigned char byte)
    bint is_utf8_without_marks(const unsigned char *data, size_t length)

    ctypedef struct formatting_names:
        unsigned char first[256]
        size_t count
        size_t length[64]
        unsigned char name[64][LONGEST_NAME]
    ctypedef struct formatting_count:
        size_t marked
        size_t most_open
    formatting_count look_for_formatting(const unsigned char *data, size_t length, const formatting_names *names)


cdef class ByteSearch:
    """Says whether a page has any of these bytes, all of which are below 32: `search(body)`."""

    cdef unsigned char control[256]

    def __init__(self, bytes wanted not None):
        memset(self.control, 0, 256)
        for byte in wanted:
            if byte >= 32:
                raise ValueError("Only control bytes can be searched for.")
            self.control[byte] = 1

    def __call__(self, bytes body not None):
        return look_for_controls(<unsigned char *> PyBytes_AS_STRING(body), PyBytes_GET_SIZE(body), self.control)


cdef class ByteCount:
    """Says how often a byte is in a page: `count(html)`."""

    cdef unsigned char byte

    def __init__(self, bytes wanted not None):
        if len(wanted) != 1:
            raise ValueError("Only one byte can be counted.")
        self.byte = wanted[0]

    def __call__(self, bytes html not None):
        return count_of_byte(<unsigned char *> PyBytes_AS_STRING(html), PyBytes_GET_SIZE(html), self.byte)


cdef class StrictUtf8:
    """Makes of a page what `told` makes of it, if it is UTF-8 without byte order marks, else None: `read(body)`."""

    cdef object told

    def __init__(self, told not None):
        self.told = told

    def __call__(self, bytes body not None):
        if is_utf8_without_marks(<unsigned char *> PyBytes_AS_STRING(body), PyBytes_GET_SIZE(body)):
            return self.told(body)
        return None


cdef class FormattingSearch:
    """Says whether more formatting tags are open at once than allowed: `search(html)`."""

    cdef formatting_names names
    cdef size_t few, most

    def __init__(self, names, size_t few, size_t most):
        memset(&self.names, 0, sizeof(formatting_names))
        if len(names) > 64:
            raise ValueError("There are more names than the compiled module can hold.")
        self.few, self.most = few, most
        for name in sorted(names):
            self._add(name)

    cdef int _add(self, bytes name) except -1:
        cdef formatting_names *names = &self.names
        cdef Py_ssize_t at
        if not 0 < len(name) < LONGEST_NAME or not name.isalpha() or not name.islower():
            raise ValueError(f"The compiled module cannot search for {name!r}.")
        for at in range(len(name)):
            names.name[names.count][at] = name[at]
        names.length[names.count] = len(name)
        names.first[name[0]] = names.first[name[0] - 32] = 1
        names.count += 1
        return 0

    def __call__(self, bytes html not None):
        cdef formatting_count found = look_for_formatting(
            <unsigned char *> PyBytes_AS_STRING(html), PyBytes_GET_SIZE(html), &self.names
        )
        return found.marked > self.few and found.most_open > self.most
