/* How long a text is to a reader, and texts in lower case. White space is what Python's str calls so. */

#ifndef DEPECHE_TEXT_H
#define DEPECHE_TEXT_H

#include <Python.h>

/* The white space among the bytes of ASCII. */
static inline int
is_ascii_space(unsigned char c)
{
    return c == ' ' || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f);
}

/* Whether these bytes are white space of ASCII alone, and at least one. */
static inline int
all_ascii_space(const unsigned char *data, size_t length)
{
    size_t at;

    for (at = 0; at < length; at++) {
        if (!is_ascii_space(data[at])) {
            return 0;
        }
    }
    return length > 0;
}

#define COUNT_SHOWN(NAME, TYPE, IS_SPACE)                                                                              \
    static Py_ssize_t NAME(const TYPE *text, Py_ssize_t length, int *blank)                                            \
    {                                                                                                                  \
        Py_ssize_t first = 0, last = length, at, solid = 0, gaps = 0;                                                  \
        int collapse = 0, space_before = 0;                                                                            \
        while (first < length && IS_SPACE(text[first])) {                                                              \
            first++;                                                                                                   \
        }                                                                                                              \
        *blank = first == length && length > 0;                                                                        \
        while (last > first && IS_SPACE(text[last - 1])) {                                                             \
            last--;                                                                                                    \
        }                                                                                                              \
        for (at = first; at < last; at++) {                                                                            \
            if (IS_SPACE(text[at])) {                                                                                  \
                collapse |= text[at] == '\n' || text[at] == '\t' || text[at] == 0xa0                                   \
                            || (text[at] == ' ' && text[at - 1] == ' ');                                               \
                gaps += !space_before;                                                                                 \
                space_before = 1;                                                                                      \
            }                                                                                                          \
            else {                                                                                                     \
                solid++;                                                                                               \
                space_before = 0;                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
        return collapse ? solid + gaps : last - first;                                                                 \
    }

COUNT_SHOWN(count_shown_ascii, Py_UCS1, is_ascii_space)
COUNT_SHOWN(count_shown_ucs1, Py_UCS1, Py_UNICODE_ISSPACE)
COUNT_SHOWN(count_shown_ucs2, Py_UCS2, Py_UNICODE_ISSPACE)
COUNT_SHOWN(count_shown_ucs4, Py_UCS4, Py_UNICODE_ISSPACE)

/* Returns the characters of the text without the white space around it. Where it has a line break, a tab, a hard space or
   two spaces together, each stretch of white space counts as one character. `blank` is whether there is nothing else. */
static Py_ssize_t
count_shown(PyObject *text, int *blank)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);

    switch (PyUnicode_KIND(text)) {
    case PyUnicode_1BYTE_KIND:
        return PyUnicode_IS_ASCII(text) ? count_shown_ascii(PyUnicode_1BYTE_DATA(text), length, blank)
                                        : count_shown_ucs1(PyUnicode_1BYTE_DATA(text), length, blank);
    case PyUnicode_2BYTE_KIND:
        return count_shown_ucs2(PyUnicode_2BYTE_DATA(text), length, blank);
    default:
        return count_shown_ucs4(PyUnicode_4BYTE_DATA(text), length, blank);
    }
}

/* Copies bytes, with the capitals of ASCII made small; returns whether all of them are ASCII. */
static inline int
copy_lower(unsigned char *to, const unsigned char *from, size_t length)
{
    unsigned char seen = 0, c;
    size_t at;

    for (at = 0; at < length; at++) {
        c = from[at];
        seen |= c;
        to[at] = c >= 'A' && c <= 'Z' ? c + 32 : c;
    }
    return seen < 0x80;
}

static inline int
holds(const unsigned char *data, size_t length, const char *part, size_t size)
{
    const unsigned char *at = data, *end = data + length;

    if (size == 0 || length < size) {
        return size == 0;
    }
    while ((size_t) (end - at) >= size && (at = memchr(at, part[0], (size_t) (end - at) - size + 1)) != NULL) {
        if (memcmp(at, part, size) == 0) {
            return 1;
        }
        at++;
    }
    return 0;
}

/* A hash of the bytes (FNV-1a). */
static inline size_t
hash_of(const unsigned char *data, size_t length)
{
    size_t hash = 14695981039346656037ULL, at;

    for (at = 0; at < length; at++) {
        hash = (hash ^ data[at]) * 1099511628211ULL;
    }
    return hash ^ (hash >> 32);
}

/* A hash of two addresses and a number. */
static inline size_t
hash_of_key(const void *first, const void *second, long long number)
{
    unsigned long long hash = ((unsigned long long) (size_t) first >> 4) * 0x9E3779B97F4A7C15ULL;

    hash = (hash ^ ((unsigned long long) (size_t) second >> 4)) * 0xC2B2AE3D27D4EB4FULL;
    hash = (hash ^ (unsigned long long) number) * 0x9E3779B97F4A7C15ULL;
    return (size_t) (hash ^ (hash >> 29));
}

#endif
