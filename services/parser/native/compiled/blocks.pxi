# The blocks of text with their facts and scores: the twin of `score_blocks_in_python` in services/parser/body/evidence.py.

from cpython.float cimport PyFloat_FromDouble
from cpython.mem cimport PyMem_Calloc


cdef extern from "Python.h":
    PyTypeObject *Py_TYPE(PyObject *instance)
    int Py_UNICODE_ISSPACE(Py_UCS4 character)
    Py_ssize_t PyLong_AsSsize_t(object number) except? -1
    int PyUnicode_KIND(object text)
    void *PyUnicode_DATA(object text)
    Py_UCS4 PyUnicode_READ(int kind, void *data, Py_ssize_t at)


cdef extern from "text.h":
    size_t hash_of_key(const void *first, const void *second, long long number)


cdef enum:
    REMEMBERED = 4096  # Weights, and whether tags are in line; each kind of them.
    NO_LINKS = 3  # Fifths in links from which a block counts as links.
    MOST_SIZES = 32

# What ends a block, as in Fact.ending.
cdef enum:
    NOTHING = 0
    STOP = 1
    OPEN_END = 2
    DIGIT = 3


cdef struct Weight:
    PyObject *first  # A reference, so that no other object can have this address.
    PyObject *second
    long long number
    double own, near, far

cdef struct Block:
    Py_ssize_t at, parent, own, linked, prose, chars
    int size, share, place, ending, before, after, family

cdef struct FactPlaces:
    Py_ssize_t element, chars, size, linked, place, ending, before, after, family


cdef class Weights:
    """Remembers weights by the addresses of a tag and a hint and by a number."""

    cdef Weight known[REMEMBERED]

    def __dealloc__(self):
        self.clear()

    cdef void clear(self):
        cdef Py_ssize_t at
        for at in range(REMEMBERED):
            Py_XDECREF(self.known[at].first)
            Py_XDECREF(self.known[at].second)
        memset(self.known, 0, sizeof(self.known))

    cdef Weight *find(self, PyObject *first, PyObject *second, long long number, bint *found):
        cdef Weight *weight = &self.known[hash_of_key(first, second, number) % REMEMBERED]
        found[0] = weight.first == first and weight.second == second and weight.number == number
        return weight

    cdef void keep(self, Weight *weight, PyObject *first, PyObject *second, long long number):
        cdef PyObject *before = weight.first
        cdef PyObject *also = weight.second
        if first != NULL:
            Py_INCREF(<object> first)
        if second != NULL:
            Py_INCREF(<object> second)
        weight.first, weight.second, weight.number = first, second, number
        Py_XDECREF(before)
        Py_XDECREF(also)


cdef class Page:
    """The arrays for one page, by the index of an element."""

    cdef list elements, runs
    cdef Py_ssize_t count, blocks
    cdef Py_ssize_t *chars
    cdef Py_ssize_t *links
    cdef Py_ssize_t *block_of
    cdef Py_ssize_t *family
    cdef Py_ssize_t *path
    cdef double *total
    cdef double *near
    cdef char *known
    cdef Block *block

    def __cinit__(self, list elements, list runs):
        self.elements, self.runs, self.count = elements, runs, len(elements)
        self.chars = <Py_ssize_t *> PyMem_Calloc(5 * self.count + 1, sizeof(Py_ssize_t))
        self.total = <double *> PyMem_Calloc(2 * self.count + 1, sizeof(double))
        self.known = <char *> PyMem_Calloc(self.count + 1, 1)
        self.block = <Block *> PyMem_Calloc(self.count + 1, sizeof(Block))
        if self.chars == NULL or self.total == NULL or self.known == NULL or self.block == NULL:
            raise MemoryError
        self.links, self.block_of = self.chars + self.count, self.chars + 2 * self.count
        self.family, self.path = self.chars + 3 * self.count, self.chars + 4 * self.count
        self.near = self.total + self.count

    def __dealloc__(self):
        PyMem_Free(self.chars)
        PyMem_Free(self.total)
        PyMem_Free(self.known)
        PyMem_Free(self.block)


cdef class Scorer:
    """Scores blocks by the weights that it was given: `scorer(outline, title)`."""

    cdef object told, element_class, density, is_one_link, ending_of, hints, shapes, places_weights, inline
    cdef PyTypeObject *element_type
    cdef PyTypeObject *fact_type
    cdef Places places
    cdef FactPlaces fact
    cdef Weights hint_weights, shape_weights, place_weights, tags
    cdef tuple endings
    cdef str stops, unsure
    cdef Py_ssize_t sizes[MOST_SIZES]
    cdef int size_count
    cdef double least_around, most_around
    cdef Py_ssize_t ending_chars, long_link

    def __init__(self, told):
        self.told = told
        self.hints, self.shapes, self.places_weights = told.hints, told.shapes, told.places
        self.density, self.is_one_link, self.ending_of = told.density, told.is_one_link, told.ending
        self.inline, self.stops, self.unsure = told.inline, "".join(told.stops), told.unsure
        self.least_around, self.most_around = told.least_around, told.most_around
        self.ending_chars, self.long_link = told.ending_chars, told.long_link
        self.endings = told.endings
        if len(told.sizes) > MOST_SIZES or len(self.endings) != 4:
            raise ValueError("There are more sizes or endings than the compiled module can hold.")
        self.size_count = len(told.sizes)
        for at in range(self.size_count):
            self.sizes[at] = told.sizes[at]
        self.hint_weights, self.shape_weights, self.place_weights = Weights(), Weights(), Weights()
        self.tags = Weights()
        self._learn_fields(told.element, told.fact)

    cdef int _learn_fields(self, element, fact) except -1:
        self.element_class = element
        self.element_type, self.fact_type = <PyTypeObject *> element, <PyTypeObject *> fact
        self.places = element_places(element)
        check_plain(fact)
        self.fact = FactPlaces(
            place_of(fact, "element"), place_of(fact, "chars"), place_of(fact, "size"), place_of(fact, "linked"),
            place_of(fact, "place"), place_of(fact, "ending"), place_of(fact, "before"), place_of(fact, "after"),
            place_of(fact, "family"),
        )
        return 0

    def forget(self):
        """Forget all weights, since others count from now on."""
        for weights in (self.hint_weights, self.shape_weights, self.place_weights):
            (<Weights> weights).clear()

    def __call__(self, outline not None, title):
        cdef Page page = Page(outline.elements, outline.runs)
        cdef list out = []
        cdef Py_ssize_t number
        for element in page.elements:
            if Py_TYPE(<PyObject *> element) != self.element_type:
                raise TypeError("The outline has elements of another class.")
        self.own_text(page)
        self.facts(page, outline, title)
        for number in range(page.blocks):
            out.append((self.make_fact(page, &page.block[number]), self.score(page, &page.block[number])))
        return out

    cdef PyObject *field(self, Page page, Py_ssize_t at, Py_ssize_t place) except NULL:
        cdef PyObject *value = record_get(<PyObject *> page.elements[at], place)
        if value == NULL:
            raise AttributeError("An element of the outline is not complete.")
        return value

    cdef Py_ssize_t number(self, Page page, Py_ssize_t at, Py_ssize_t place) except? -1:
        return PyLong_AsSsize_t(<object> self.field(page, at, place))

    cdef Py_ssize_t parent_of(self, Page page, Py_ssize_t at) except? -2:
        """Returns the index of the element around this one, or -1."""
        cdef PyObject *parent = self.field(page, at, self.places.parent)
        cdef Py_ssize_t index
        if <object> parent is None:
            return -1
        if Py_TYPE(parent) != self.element_type or record_get(parent, self.places.index) == NULL:
            raise TypeError("An element of the outline stands in something else.")
        index = PyLong_AsSsize_t(<object> record_get(parent, self.places.index))
        if not 0 <= index < at:
            raise ValueError("The elements of the outline are not in document order.")
        return index

    cdef bint is_inline(self, PyObject *tag) except -1:
        cdef bint found = False
        cdef Weight *known = self.tags.find(tag, NULL, 0, &found)
        if not found:
            known.own = <object> tag in self.inline
            self.tags.keep(known, tag, NULL, 0)
        return known.own != 0

    cdef int own_text(self, Page page) except -1:
        """Find the blocks with characters outside smaller blocks, how many these are, and how many are in links."""
        cdef Py_ssize_t at, size, parent, around
        cdef Py_ssize_t *order = page.path
        cdef Py_ssize_t found = 0
        cdef Block *block
        for at in range(page.count):
            size = self.number(page, at, self.places.chars)
            if size == 0:
                continue
            parent = self.parent_of(page, at)
            if parent >= 0:
                around = page.block_of[parent]
                if self.is_inline(self.field(page, at, self.places.tag)):
                    page.block_of[at] = around
                    continue
                page.chars[around] -= size
                page.links[around] -= self.number(page, at, self.places.link_chars)
            page.block_of[at] = at
            page.chars[at] = size
            page.links[at] = self.number(page, at, self.places.link_chars)
            order[found] = at
            found += 1
        for at in range(found):
            if page.chars[order[at]] > 0:
                block = &page.block[page.blocks]
                block.at, block.own, block.linked = order[at], page.chars[order[at]], page.links[order[at]]
                block.parent = self.parent_of(page, block.at)
                page.blocks += 1
        return 0

    cdef int facts(self, Page page, outline, title) except -1:
        cdef double density = self.density(outline)
        cdef Py_ssize_t start = page.count
        cdef Py_ssize_t since = 0, number, linked
        cdef int previous = 0, missing = -2
        cdef Block *block
        cdef Block *latest = NULL
        if title is not None:
            start, missing = title.index, -1
        for number in range(page.blocks):
            block = &page.block[number]
            linked = block.linked
            if linked and block.own * density >= self.long_link:
                if self.is_one_link(outline, page.elements[block.at], block.own):
                    linked = 0
            block.share = <int> floor_divided(5 * linked, block.own)
            block.prose = <Py_ssize_t> ((block.own - linked) * density)
            block.chars = <Py_ssize_t> (block.own * density)
            since += block.at > start
            block.ending = NOTHING
            if block.own * density >= self.ending_chars:
                block.ending = self.ending(page, block.at)
            block.place = bit_length(since) if since else missing
            block.size = self.size_of(block.prose)
            block.before = previous
            previous = block.size if block.share < NO_LINKS else -1
            if latest != NULL:
                latest.after = previous
            latest = block
            if block.share < NO_LINKS and block.parent >= 0:
                page.family[block.parent] += block.prose
            block.share = min(block.share, 5)
        for number in range(page.blocks):
            block = &page.block[number]
            if block.parent >= 0:
                block.family = bit_length(page.family[block.parent])
        return 0

    cdef int size_of(self, Py_ssize_t prose):
        cdef int at
        for at in range(self.size_count):
            if self.sizes[at] >= prose:
                return at
        return self.size_count

    cdef int ending(self, Page page, Py_ssize_t at) except -1:
        """Returns how the text of an element ends; asks the twin where a rule can tell alone."""
        cdef Py_ssize_t first = self.number(page, at, self.places.first_run)
        cdef Py_ssize_t run = self.number(page, at, self.places.last_run) - 1
        cdef long found
        cdef Py_UCS4 last
        if first < 0 or run >= len(page.runs):
            raise IndexError("An element of the outline has other texts than its own.")
        while run >= first:
            found = last_character(page.runs[run])
            if found >= 0:
                last = <Py_UCS4> found
                if last in self.stops:
                    return STOP
                if last in self.unsure or last.isdigit():
                    return self.endings.index(self.ending_of(page.runs, page.elements[at]))
                return OPEN_END
            run -= 1
        return NOTHING

    cdef object score(self, Page page, Block *block):
        cdef PyObject *tag = self.field(page, block.at, self.places.tag)
        cdef PyObject *hint = self.field(page, block.at, self.places.hint)
        cdef double score = self.of_hint(tag, hint).own
        score += self.of_shape(page, block, tag)
        score += self.of_place(block)
        if block.parent >= 0:
            score += self.around(page, block.parent)
        return PyFloat_FromDouble(score)

    cdef Weight *of_hint(self, PyObject *tag, PyObject *hint) except NULL:
        cdef bint found = False
        cdef Weight *known = self.hint_weights.find(tag, hint, 0, &found)
        if not found:
            own, near, far = self.hints[<object> tag, <object> hint]
            self.hint_weights.keep(known, tag, hint, 0)
            known.own, known.near, known.far = own, near, far
        return known

    cdef double of_shape(self, Page page, Block *block, PyObject *tag) except? -1:
        cdef bint found = False
        cdef bint hidden = <object> self.field(page, block.at, self.places.hidden) is True
        cdef long long number = ((block.size * 8 + block.share) * 4 + block.ending) * 2 + hidden
        cdef Weight *known
        if block.share < 0:  # As for Python, a number below 0 is one of its own.
            return self.shapes[<object> tag, block.size, block.share, self.endings[block.ending], bool(hidden)]
        known = self.shape_weights.find(tag, NULL, number, &found)
        if not found:
            weight = self.shapes[<object> tag, block.size, block.share, self.endings[block.ending], bool(hidden)]
            self.shape_weights.keep(known, tag, NULL, number)
            known.own = weight
        return known.own

    cdef double of_place(self, Block *block) except? -1:
        cdef bint found = False
        # One more than 0, since nothing is remembered under 0.
        cdef long long number = 1 + (
            (((block.before + 1) * 64 + block.after + 1) * 128 + block.family) * 128 + block.place + 2
        )
        cdef Weight *known = self.place_weights.find(NULL, NULL, number, &found)
        if not found:
            weight = self.places_weights[block.before, block.after, block.family, block.place]
            self.place_weights.keep(known, NULL, NULL, number)
            known.own = weight
        return known.own

    cdef double around(self, Page page, Py_ssize_t parent) except? -1:
        """Returns the weight of the parent and all elements around it."""
        cdef Py_ssize_t at = parent, steps = 0, above
        cdef double total = 0.0
        cdef Weight *weight
        while at >= 0 and not page.known[at]:
            page.path[steps] = at
            steps += 1
            at = self.parent_of(page, at)
        if at >= 0:
            total = page.total[at]
        while steps:
            steps -= 1
            at = page.path[steps]
            weight = self.of_hint(self.field(page, at, self.places.tag), self.field(page, at, self.places.hint))
            total += weight.far
            total = self.least_around if total < self.least_around else min(total, self.most_around)
            page.total[at], page.near[at], page.known[at] = total, weight.near, 1
        above = self.parent_of(page, parent)
        return page.total[parent] + page.near[parent] + (page.near[above] if above >= 0 else 0.0)

    cdef object make_fact(self, Page page, Block *block):
        fact = record_new(self.fact_type)
        cdef PyObject *record = <PyObject *> fact
        put(record, self.fact.element, page.elements[block.at])
        put(record, self.fact.chars, number_of(block.chars))
        put(record, self.fact.size, number_of(block.size))
        put(record, self.fact.linked, number_of(block.share))
        put(record, self.fact.place, number_of(block.place))
        put(record, self.fact.ending, self.endings[block.ending])
        put(record, self.fact.before, number_of(block.before))
        put(record, self.fact.after, number_of(block.after))
        put(record, self.fact.family, number_of(block.family))
        return fact


cdef long last_character(object text) except -2:
    """Returns the last character that is not white space; -1 without one."""
    cdef Py_ssize_t at
    cdef int kind
    cdef void *data
    if not isinstance(text, str):
        raise TypeError("A run of the outline is no text.")
    at, kind, data = PyUnicode_GET_LENGTH(text), PyUnicode_KIND(text), PyUnicode_DATA(text)
    while at > 0:
        at -= 1
        if not Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at)):
            return PyUnicode_READ(kind, data, at)
    return -1


cdef inline Py_ssize_t floor_divided(Py_ssize_t value, Py_ssize_t by):
    cdef Py_ssize_t out
    with cython.cdivision(True):
        out = value / by
        return out - (value % by != 0 and (value < 0) != (by < 0))


cdef inline int bit_length(Py_ssize_t value):
    cdef size_t rest = <size_t> (value if value >= 0 else -value)
    cdef int bits = 0
    while rest:
        rest >>= 1
        bits += 1
    return bits
