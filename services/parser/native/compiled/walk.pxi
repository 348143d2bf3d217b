# The walk over Lexbor's tree: the twin of `walk_in_python` in services/parser/outline/walk.py.

cimport cython
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uintptr_t
from libc.string cimport memcmp, memset

from selectolax.lexbor cimport LexborHTMLParser, LexborNode, lxb_dom_attr_t, lxb_dom_node_t


cdef extern from "lexbor_view.h" nogil:
    enum: LXB_DOM_ATTR__LAST_ENTRY
    const unsigned char *view_text(const lxb_dom_node_t *node, size_t *length)
    lxb_dom_attr_t *view_first_attribute(const lxb_dom_node_t *node)
    bint view_is_renamed(const lxb_dom_node_t *node)
    uintptr_t view_name_number(const lxb_dom_attr_t *attr)
    const unsigned char *view_name(uintptr_t number, size_t *length)
    const unsigned char *view_value(const lxb_dom_attr_t *attr, size_t *length)

cdef extern from "records.h":
    Py_ssize_t record_place(PyTypeObject *type, PyObject *descriptor)
    bint record_is_plain(PyTypeObject *type, Py_ssize_t fields)
    object record_new(PyTypeObject *type)
    void record_put(PyObject *record, Py_ssize_t place, PyObject *value)
    void record_replace(PyObject *record, Py_ssize_t place, PyObject *value)
    PyObject *record_get(PyObject *record, Py_ssize_t place)
    object number_of(Py_ssize_t value)

cdef extern from "text.h":
    bint all_ascii_space(const unsigned char *data, size_t length)
    Py_ssize_t count_shown(PyObject *text, int *blank)
    bint copy_lower(unsigned char *to, const unsigned char *source, size_t length)
    bint holds(const unsigned char *data, size_t length, const char *part, size_t size)
    size_t hash_of(const unsigned char *data, size_t length)

cdef extern from "Python.h":
    object PyUnicode_New(Py_ssize_t size, Py_UCS4 maxchar)
    unsigned char *PyUnicode_1BYTE_DATA(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    int PyList_Append(object items, object item) except -1
    int PyDict_SetItem(object items, object key, object value) except -1
    PyObject *PyDict_GetItemWithError(object items, object key) except? NULL


# What a tag is, in `Kind.flags`.
cdef enum:
    SEEN = 1
    BLOCK = 2
    CONTENT = 4
    MARKS = 8
    LINK = 16
    NOTED = 32
    BREAKS = 64

# What an attribute is, in `Name.role`.
cdef enum:
    HINT = 1
    SPECIAL = 2
    HIDES = 4
    ADDRESS = 8

cdef enum:
    KNOWN_TAGS = 256  # Lexbor's numbers of the tags that it knows are lower.
    TEXT_NUMBER = 2
    NAMES = 128  # Names of attributes remembered for one document; pages have about forty.
    HINTS = 2048  # Hints remembered from page to page ...
    LONGEST_HINT = 200  # ... if they have no more bytes.


cdef struct Kind:
    int flags
    bint known
    PyObject *tag

cdef struct Name:
    uintptr_t number
    PyObject *text
    int role

cdef struct Open:
    lxb_dom_node_t *node
    PyObject *element
    Py_ssize_t chars
    Py_ssize_t link_chars
    int flags
    bint hidden

cdef struct Places:
    Py_ssize_t tag, hint, hidden, parent, depth, index, nodes, first_run, chars, link_chars, kept_attrs, end, last_run


cdef object decoded(const unsigned char *data, size_t length):
    return PyUnicode_DecodeUTF8(<const char *> data, <Py_ssize_t> length, "replace")


cdef Py_ssize_t place_of(object record, str field) except -1:
    """Returns where the records of a class keep a field."""
    cdef Py_ssize_t place = record_place(<PyTypeObject *> record, <PyObject *> record.__dict__[field])
    if place < 0:
        raise TypeError(f"The field {field} of {record.__name__} is kept in an unknown way.")
    return place


cdef int check_plain(object record) except -1:
    if not record_is_plain(<PyTypeObject *> record, len(record.__struct_fields__)):
        raise TypeError(f"Records of {record.__name__} are made in an unknown way.")
    return 0


cdef Places element_places(object element) except *:
    check_plain(element)
    return Places(
        place_of(element, "tag"), place_of(element, "hint"), place_of(element, "hidden"), place_of(element, "parent"),
        place_of(element, "depth"), place_of(element, "index"), place_of(element, "nodes"),
        place_of(element, "first_run"), place_of(element, "chars"), place_of(element, "link_chars"),
        place_of(element, "kept_attrs"), place_of(element, "end"), place_of(element, "last_run"),
    )


cdef class Tables:
    """What the walk is told by the Python modules, once."""

    cdef PyTypeObject *element_type
    cdef Places places
    cdef Kind kinds[KNOWN_TAGS]
    cdef Name names[LXB_DOM_ATTR__LAST_ENTRY]
    cdef PyObject *hints[HINTS]
    cdef object told, kind_of, roles, line_break, edge, space, note, shown_for, undisplayed
    cdef object is_comment_type, typed_comment, zero, empty
    cdef bytes comment_sign, hiding_sign, dialog_sign, true_sign
    cdef Py_ssize_t most_elements

    def __cinit__(self, told):
        self.told = told
        self.kind_of = told.kind_of
        self.line_break, self.edge, self.space = told.line_break, told.edge, " "
        self.note, self.shown_for = told.note, told.shown_for
        self.undisplayed, self.is_comment_type = told.undisplayed, told.is_comment_type
        self.typed_comment = told.typed_comment.encode()
        self.comment_sign, self.hiding_sign = told.comment_sign.encode(), told.hiding_sign.encode()
        self.dialog_sign, self.true_sign = told.dialog_sign.encode(), told.true_sign.encode()
        self.most_elements = told.most_elements
        self.zero, self.empty = 0, ""
        self.element_type, self.places = <PyTypeObject *> told.element, element_places(told.element)
        self._learn_names(told)

    def __dealloc__(self):
        cdef Py_ssize_t at
        for at in range(KNOWN_TAGS):
            Py_XDECREF(self.kinds[at].tag)
        for at in range(LXB_DOM_ATTR__LAST_ENTRY):
            Py_XDECREF(self.names[at].text)
        for at in range(HINTS):
            Py_XDECREF(self.hints[at])

    cdef int _learn_names(self, told) except -1:
        cdef size_t length = 0
        cdef const unsigned char *name
        self.roles = {}
        for names, role in ((told.hint_attributes, HINT), (told.special_attributes, SPECIAL)):
            for text in names:
                self.roles[text] = role
        self.roles[told.hiding_attribute] |= HIDES
        self.roles[told.address_attribute] = self.roles.get(told.address_attribute, 0) | ADDRESS
        for number in range(LXB_DOM_ATTR__LAST_ENTRY):
            name = view_name(number, &length)
            self._fill(&self.names[number], number, decoded(name, length))
        return 0

    cdef int _fill(self, Name *name, uintptr_t number, object text) except -1:
        cdef PyObject *before = name.text
        name.role = self.roles.get(text, 0)
        Py_INCREF(text)
        name.text = <PyObject *> text
        name.number = number
        Py_XDECREF(before)
        return 0

    cdef int kind(self, uintptr_t number, lxb_dom_node_t *node, LexborHTMLParser parser, Kind *kind) except -1:
        """Say what a tag is; `kind` is one of `self.kinds`, or one of the caller's that holds a reference."""
        told = self.kind_of(LexborNode.new(node, parser), number)
        tag = told.tag
        kind.flags = (
            (SEEN if told.seen else 0) | (BLOCK if told.block else 0) | (CONTENT if told.content else 0)
            | (MARKS if told.marks else 0) | (LINK if tag == self.told.link_tag else 0)
            | (NOTED if tag in self.told.noted else 0) | (BREAKS if tag == self.told.break_tag else 0)
        )
        Py_INCREF(tag)
        kind.tag = <PyObject *> tag
        kind.known = True
        return 0

    cdef object lower(self, const unsigned char *data, size_t length, bint ascii):
        """Returns the hint that these bytes spell, which are in lower case if they are ASCII."""
        cdef size_t slot
        cdef PyObject *known
        if not ascii:
            return decoded(data, length).lower()
        if length > LONGEST_HINT:
            return decoded(data, length)
        slot = hash_of(data, length) % HINTS
        known = self.hints[slot]
        if known != NULL:
            text = <object> known
            if <size_t> PyUnicode_GET_LENGTH(text) == length and memcmp(PyUnicode_1BYTE_DATA(text), data, length) == 0:
                return text
        text = decoded(data, length)
        Py_INCREF(text)
        self.hints[slot] = <PyObject *> text
        Py_XDECREF(known)
        return text


@cython.final
@cython.no_gc
cdef class Nodes:
    """The Lexbor nodes of an outline's elements, by index; keeps their document alive."""

    cdef LexborHTMLParser parser
    cdef Tables tables
    cdef lxb_dom_node_t **nodes
    cdef Py_ssize_t count, room
    cdef Name names[NAMES]

    def __dealloc__(self):
        cdef Py_ssize_t at
        PyMem_Free(self.nodes)
        for at in range(NAMES):
            Py_XDECREF(self.names[at].text)

    def node(self, Py_ssize_t index):
        """Returns the node of an element."""
        if not 0 <= index < self.count:
            raise IndexError("There is no element with this index.")
        return LexborNode.new(self.nodes[index], self.parser)

    def attributes(self, Py_ssize_t index):
        """Returns the attributes of an element."""
        if not 0 <= index < self.count:
            raise IndexError("There is no element with this index.")
        return self.read(self.nodes[index])

    cdef int add(self, lxb_dom_node_t *node) except -1:
        cdef Py_ssize_t room
        cdef void *nodes
        if self.count == self.room:
            room = 2 * self.room + 1024
            nodes = PyMem_Realloc(self.nodes, room * sizeof(void *))
            if nodes == NULL:
                raise MemoryError
            self.nodes, self.room = <lxb_dom_node_t **> nodes, room
        self.nodes[self.count] = node
        self.count += 1
        return 0

    cdef Name *name(self, const lxb_dom_attr_t *attr) except NULL:
        """Returns the name of an attribute; it is valid until the next call."""
        cdef uintptr_t number = view_name_number(attr)
        cdef size_t length = 0
        cdef const unsigned char *text
        cdef Name *name
        if number < LXB_DOM_ATTR__LAST_ENTRY:
            return &self.tables.names[number]
        name = &self.names[(number >> 4) % NAMES]
        if name.number != number:
            text = view_name(number, &length)
            self.tables._fill(name, number, decoded(text, length))
        return name

    cdef dict read(self, const lxb_dom_node_t *node):
        """Returns the attributes of a node, as `LexborNode.attributes` does."""
        cdef dict out = {}
        cdef lxb_dom_attr_t *attr = view_first_attribute(node)
        cdef size_t length = 0
        cdef const unsigned char *data
        while attr != NULL:
            name = <object> self.name(attr).text
            data = view_value(attr, &length)
            PyDict_SetItem(out, name, None if data == NULL else decoded(data, length))
            attr = attr.next
        return out


@cython.final
@cython.no_gc
cdef class Noted:
    """A node that is not an element of the outline, with what is asked of it."""

    cdef lxb_dom_node_t *place
    cdef Nodes nodes

    @property
    def attributes(self):
        """Returns the attributes."""
        return self.nodes.read(self.place)

    def text_lexbor(self):
        """Returns the text of the node and of all below it."""
        return LexborNode.new(self.place, self.nodes.parser).text_lexbor()


@cython.final
@cython.no_gc
cdef class Walk:
    """One walk, and what it has seen so far."""

    cdef Tables tables
    cdef Nodes nodes
    cdef object outline, by_tag, veiled
    cdef list elements, runs
    cdef PyObject *lists[KNOWN_TAGS]  # Of by_tag, which keeps them.
    cdef Open *open
    cdef Py_ssize_t levels, room, chars, link_chars, links_open, at
    cdef unsigned char *hint
    cdef size_t hint_size, hint_room
    cdef bint hint_is_ascii

    def __dealloc__(self):
        PyMem_Free(self.open)
        PyMem_Free(self.hint)

    cdef int run(self, lxb_dom_node_t *root) except -1:
        cdef lxb_dom_node_t *node = root
        cdef lxb_dom_node_t *child
        cdef uintptr_t number
        cdef Kind other
        cdef Kind *kind
        cdef bint full = False
        while True:
            number = node.local_name
            if number == TEXT_NUMBER:
                self.text(node)
            else:
                kind = &other
                if number < KNOWN_TAGS:
                    kind = &self.tables.kinds[number]
                if kind is &other or not kind.known:
                    self.tables.kind(number, node, self.nodes.parser, kind)
                child = NULL
                try:
                    if kind.flags & SEEN:
                        child = self.element(node, kind, number)
                    elif kind.flags & BREAKS:
                        PyList_Append(self.runs, self.tables.line_break)
                    elif kind.flags & NOTED:
                        self.note(node, kind)
                finally:
                    if kind is &other:
                        Py_DECREF(<object> other.tag)
                if child != NULL:
                    node = child
                    continue
                if self.at > self.tables.most_elements:
                    full = True
            node = NULL if full else node.next
            while node == NULL:
                if self.levels == 0:
                    return 0
                node = NULL if full else self.open[self.levels - 1].node.next
                self.close()

    cdef int text(self, lxb_dom_node_t *node) except -1:
        cdef size_t length = 0
        cdef int blank = 0
        cdef Py_ssize_t size
        cdef const unsigned char *data = view_text(node, &length)
        if all_ascii_space(data, length):
            return self.white_space()
        text = decoded(data, length)
        size = count_shown(<PyObject *> text, &blank)
        if blank:
            return self.white_space()
        PyList_Append(self.runs, text)
        self.chars += size
        if self.links_open:
            self.link_chars += size
        return 0

    cdef int white_space(self) except -1:
        if self.runs[len(self.runs) - 1] is not self.tables.edge:
            PyList_Append(self.runs, self.tables.space)
        return 0

    cdef int note(self, lxb_dom_node_t *node, Kind *kind) except -1:
        cdef Noted noted = Noted.__new__(Noted)
        noted.place, noted.nodes = node, self.nodes
        parent = None
        if self.levels:
            parent = <object> self.open[self.levels - 1].element
        self.tables.note(<object> kind.tag, noted, self.outline, parent)
        return 0

    cdef lxb_dom_node_t *element(self, lxb_dom_node_t *node, Kind *kind, uintptr_t number) except? NULL:
        """Add an element to the outline. Returns its first child if it is open now."""
        cdef bint hidden = self.levels > 0 and self.open[self.levels - 1].hidden
        cdef bint marks = kind.flags & MARKS and not kind.flags & LINK
        cdef lxb_dom_node_t *child = NULL
        cdef Py_ssize_t size = 0, start
        cdef dict kept = None
        if kind.flags & BLOCK:
            PyList_Append(self.runs, self.tables.edge)
        hint = self.read_names(node, kind.flags, &hidden, &marks)
        if kind.flags & LINK:
            kept = self.nodes.read(node)
        if kind.flags & CONTENT and self.at < self.tables.most_elements:
            child = node.first_child
        start = len(self.runs)
        if child != NULL and marks:
            attrs = kept if kept is not None else self.nodes.read(node)
            shown = self.tables.shown_for(LexborNode.new(node, self.nodes.parser), <object> kind.tag, attrs)
            if shown is not None:
                child = NULL
                size = self.show(shown)
        element = self.make(<object> kind.tag, hint, hidden, kept, start)
        self.nodes.add(node)
        PyList_Append(self.elements, element)
        PyList_Append(self.same_tag(number, kind), element)
        self.at += 1
        if child == NULL:
            self.finish(<PyObject *> element, size, size if self.links_open else 0)
        else:
            self.push(node, element, kind.flags, hidden)
        return child

    cdef Py_ssize_t show(self, str shown) except -1:
        """Add what readers should read in place of an element's text; returns its length."""
        cdef Py_ssize_t size = len(shown)
        self.chars += size
        if self.links_open:
            self.link_chars += size
        if size:
            PyList_Append(self.runs, shown)
        return size

    cdef object same_tag(self, uintptr_t number, Kind *kind):
        """Returns the list of the elements with this tag."""
        if number >= KNOWN_TAGS:
            return self.by_tag[<object> kind.tag]
        if self.lists[number] == NULL:
            found = self.by_tag[<object> kind.tag]
            self.lists[number] = <PyObject *> found
        return <object> self.lists[number]

    cdef object make(self, object tag, object hint, bint hidden, object kept, Py_ssize_t start):
        cdef Places *places = &self.tables.places
        element = record_new(self.tables.element_type)
        cdef PyObject *record = <PyObject *> element
        parent = None
        if self.levels:
            parent = <object> self.open[self.levels - 1].element
        put(record, places.tag, tag)
        put(record, places.hint, hint)
        put(record, places.hidden, True if hidden else False)
        put(record, places.parent, parent)
        put(record, places.depth, number_of(self.levels))
        put(record, places.index, number_of(self.at))
        put(record, places.nodes, self.nodes)
        put(record, places.first_run, number_of(start))
        put(record, places.kept_attrs, kept)
        put(record, places.chars, self.tables.zero)
        put(record, places.link_chars, self.tables.zero)
        put(record, places.end, self.tables.zero)
        put(record, places.last_run, self.tables.zero)
        return element

    cdef int finish(self, PyObject *element, Py_ssize_t chars, Py_ssize_t link_chars) except -1:
        """Say where an element ends, and how much it holds."""
        cdef Places *places = &self.tables.places
        replace(element, places.end, number_of(self.at))
        replace(element, places.last_run, number_of(len(self.runs)))
        replace(element, places.chars, number_of(chars))
        replace(element, places.link_chars, number_of(link_chars))
        return 0

    cdef int push(self, lxb_dom_node_t *node, object element, int flags, bint hidden) except -1:
        cdef Py_ssize_t room
        cdef void *open
        if self.levels == self.room:
            room = 2 * self.room + 64
            open = PyMem_Realloc(self.open, room * sizeof(Open))
            if open == NULL:
                raise MemoryError
            self.open, self.room = <Open *> open, room
        # The list of elements keeps the element.
        self.open[self.levels] = Open(node, <PyObject *> element, self.chars, self.link_chars, flags, hidden)
        self.levels += 1
        self.links_open += (flags & LINK) != 0
        return 0

    cdef int close(self) except -1:
        cdef Open *last = &self.open[self.levels - 1]
        self.finish(last.element, self.chars - last.chars, self.link_chars - last.link_chars)
        if last.flags & BLOCK:
            PyList_Append(self.runs, self.tables.edge)
        elif last.flags & LINK:
            self.links_open -= 1
        self.levels -= 1
        return 0

    cdef object read_names(self, lxb_dom_node_t *node, int flags, bint *hidden, bint *marks):
        """Returns the element's hint; reads what its attributes say of showing and of footnotes."""
        cdef lxb_dom_attr_t *attr = view_first_attribute(node)
        cdef const unsigned char *data
        cdef size_t length = 0
        cdef int role
        self.hint_size, self.hint_is_ascii = 0, True
        while attr != NULL:
            role = self.nodes.name(attr).role
            if role:
                data = view_value(attr, &length)
                if role & SPECIAL:
                    self.special(attr, role, data, length, hidden)
                elif role & HINT and length:
                    self.add_hint(data, length)
                    if holds(data, length, self.tables.dialog_sign, len(self.tables.dialog_sign)):
                        self.outline.dialogs.append(self.at)
                if role & ADDRESS and flags & LINK and flags & MARKS:
                    marks[0] = length > 0 and data[0] == c"#"
            attr = attr.next
        if self.hint_size == 0:
            return self.tables.empty
        return self.tables.lower(self.hint, self.hint_size, self.hint_is_ascii)

    cdef int special(self, lxb_dom_attr_t *attr, int role, const unsigned char *data, size_t length,
                     bint *hidden) except -1:
        cdef bytes sign = self.tables.comment_sign
        cdef bytes comment
        if holds(data, length, sign, len(sign)):
            name = <object> self.nodes.name(attr).text
            if self.tables.is_comment_type(name, decoded(data, length)):
                comment = self.tables.typed_comment
                self.add_hint(<const unsigned char *> <const char *> comment, len(comment))
        if not hidden[0]:
            sign = self.tables.hiding_sign
            if role & HIDES or (
                holds(data, length, sign, len(sign)) and self.tables.undisplayed(decoded(data, length))
            ):
                hidden[0] = True
                self.outline.concealed.append(self.at)
        sign = self.tables.true_sign
        if length == <size_t> len(sign) and memcmp(data, <const char *> sign, length) == 0:
            self.veiled.add(self.at)
        return 0

    cdef int add_hint(self, const unsigned char *data, size_t length) except -1:
        cdef size_t room = self.hint_size + length + 1
        cdef void *hint
        if room > self.hint_room:
            room *= 2
            hint = PyMem_Realloc(self.hint, room)
            if hint == NULL:
                raise MemoryError
            self.hint, self.hint_room = <unsigned char *> hint, room
        if self.hint_size:
            self.hint[self.hint_size] = c" "
            self.hint_size += 1
        self.hint_is_ascii &= copy_lower(self.hint + self.hint_size, data, length)
        self.hint_size += length
        return 0


cdef inline void put(PyObject *record, Py_ssize_t place, object value):
    Py_INCREF(value)
    record_put(record, place, <PyObject *> value)


cdef inline void replace(PyObject *record, Py_ssize_t place, object value):
    Py_INCREF(value)
    record_replace(record, place, <PyObject *> value)


cdef class Walker:
    """Walks trees by the tables that it was given: `walker(root, outline)`."""

    cdef Tables tables

    def __init__(self, told):
        self.tables = Tables(told)

    def __call__(self, LexborNode root not None, outline not None):
        cdef Walk walk = Walk.__new__(Walk)
        cdef Nodes nodes = Nodes.__new__(Nodes)
        if root.node == NULL:
            raise ValueError("There is no tree to walk.")
        nodes.parser, nodes.tables = root.parser, self.tables
        walk.tables, walk.nodes, walk.outline = self.tables, nodes, outline
        walk.elements, walk.runs, walk.by_tag, walk.veiled = outline.elements, outline.runs, outline.by_tag, outline.veiled
        walk.run(root.node)
