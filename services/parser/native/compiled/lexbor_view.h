/* What the walk reads of Lexbor's tree. Only fields and inline functions of Lexbor's own headers are used, of the version
   that selectolax was built with: no function of selectolax's library is linked. */

#ifndef DEPECHE_LEXBOR_VIEW_H
#define DEPECHE_LEXBOR_VIEW_H

#include "lexbor/core/hash.h"
#include "lexbor/dom/interfaces/attr.h"
#include "lexbor/dom/interfaces/attr_const.h"
#include "lexbor/dom/interfaces/attr_res.h" /* the names of the attributes that Lexbor knows, by number */
#include "lexbor/dom/interfaces/character_data.h"
#include "lexbor/dom/interfaces/element.h"

/* What lxb_dom_node_text_content() would say of a text node; NULL for other nodes. */
static inline const unsigned char *
view_text(const lxb_dom_node_t *node, size_t *length)
{
    const lxb_dom_character_data_t *data;

    if (node->type != LXB_DOM_NODE_TYPE_TEXT) {
        *length = 0;
        return NULL;
    }
    data = (const lxb_dom_character_data_t *) node;
    *length = data->data.length;
    return data->data.data;
}

static inline lxb_dom_attr_t *
view_first_attribute(const lxb_dom_node_t *node)
{
    return node->type == LXB_DOM_NODE_TYPE_ELEMENT ? ((const lxb_dom_element_t *) node)->first_attr : NULL;
}

/* Whether the element is called by another name than that of its number. */
static inline int
view_is_renamed(const lxb_dom_node_t *node)
{
    return node->type != LXB_DOM_NODE_TYPE_ELEMENT || ((const lxb_dom_element_t *) node)->qualified_name != 0;
}

/* The number of an attribute's name: below LXB_DOM_ATTR__LAST_ENTRY for those that Lexbor knows, else an address that is
   valid as long as the document. */
static inline uintptr_t
view_name_number(const lxb_dom_attr_t *attr)
{
    return attr->qualified_name != 0 ? attr->qualified_name : attr->node.local_name;
}

static inline const unsigned char *
view_name(uintptr_t number, size_t *length)
{
    const lxb_dom_attr_data_t *data;

    data = number < LXB_DOM_ATTR__LAST_ENTRY ? &lxb_dom_attr_res_data_default[number]
                                             : (const lxb_dom_attr_data_t *) number;
    *length = data->entry.length;
    return lexbor_hash_entry_str(&data->entry);
}

static inline const unsigned char *
view_value(const lxb_dom_attr_t *attr, size_t *length)
{
    if (attr->value == NULL) {
        *length = 0;
        return NULL;
    }
    *length = attr->value->length;
    return attr->value->data;
}

#endif
