# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, embedsignature=False
# cython: always_allow_keywords=False, binding=False
"""The compiled part of the parser: the twins of functions in Python, which give the same to the last bit.

It holds no rule. Which tags and attributes count, what they mean and what weighs how much, it is told by tables and
functions of the Python modules. services/parser/native/__init__.py says when it is used.
"""

include "walk.pxi"
include "blocks.pxi"
include "look.pxi"

# Set by the build: what this module was made of, and for which version of selectolax.
cdef extern from *:
    """
    #ifndef NATIVE_SOURCES
    #define NATIVE_SOURCES ""
    #endif
    #ifndef NATIVE_SELECTOLAX
    #define NATIVE_SELECTOLAX ""
    #endif
    """
    const char *NATIVE_SOURCES
    const char *NATIVE_SELECTOLAX

SOURCES = NATIVE_SOURCES.decode()
SELECTOLAX = NATIVE_SELECTOLAX.decode()
