/* What a page's bytes hold before they are parsed. */

#ifndef DEPECHE_LOOK_H
#define DEPECHE_LOOK_H

#include <stddef.h>
#include <string.h>

#define LONGEST_NAME 16
/* Bytes looked at together, so that the compiler can take many at once. */
#define STRIDE 4096

/* Whether any of the bytes below 32 that are marked in `control` is there. */
static int
look_for_controls(const unsigned char *data, size_t length, const unsigned char *control)
{
    const unsigned char *end = data + length, *stop;
    unsigned int low;

    while (data < end) {
        stop = (size_t) (end - data) > STRIDE ? data + STRIDE : end;
        /* Pages have three bytes below 32: tab, line feed, carriage return. Where there is another, each is looked up. */
        low = 0;
        for (const unsigned char *at = data; at < stop; at++) {
            low |= (unsigned int) ((*at < 32) & (*at != '\n') & (*at != '\t') & (*at != '\r'));
        }
        if (low || control['\n'] || control['\t'] || control['\r']) {
            for (const unsigned char *at = data; at < stop; at++) {
                if (*at < 32 && control[*at]) {
                    return 1;
                }
            }
        }
        data = stop;
    }
    return 0;
}

/* How often a byte is there. */
static size_t
count_of_byte(const unsigned char *data, size_t length, unsigned char byte)
{
    const unsigned char *end = data + length, *stop;
    size_t count = 0;
    unsigned short part;

    while (data < end) {
        stop = (size_t) (end - data) > STRIDE ? data + STRIDE : end;
        part = 0;
        for (; data < stop; data++) {
            part += *data == byte;
        }
        count += part;
    }
    return count;
}

static inline int
is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Whether the bytes are UTF-8 as Python reads it strictly (no surrogates, nothing longer than it must be), and have no
   byte order mark anywhere. */
static int
is_utf8_without_marks(const unsigned char *data, size_t length)
{
    const unsigned char *end = data + length;
    unsigned long long eight;
    unsigned char first, second;

    while (data < end) {
        if (*data < 0x80) {
            data++;
            while ((size_t) (end - data) >= sizeof(eight)) {
                memcpy(&eight, data, sizeof(eight));
                if (eight & 0x8080808080808080ULL) {
                    break;
                }
                data += sizeof(eight);
            }
            continue;
        }
        first = *data;
        if (end - data < 2 || !is_continuation(data[1])) {
            return 0;
        }
        second = data[1];
        if (first >= 0xc2 && first <= 0xdf) {
            data += 2;
            continue;
        }
        if (end - data < 3 || !is_continuation(data[2])) {
            return 0;
        }
        if (first >= 0xe0 && first <= 0xef) {
            if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)
                || (first == 0xef && second == 0xbb && data[2] == 0xbf)) {
                return 0;
            }
            data += 3;
            continue;
        }
        if (first < 0xf0 || first > 0xf4 || end - data < 4 || !is_continuation(data[3])
            || (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
            return 0;
        }
        data += 4;
    }
    return 1;
}

typedef struct {
    unsigned char first[256]; /* whether a name begins with this letter */
    size_t count;
    size_t length[64];
    unsigned char name[64][LONGEST_NAME];
} formatting_names;

typedef struct {
    size_t marked;    /* start tags with attributes, or at least with something behind the name */
    size_t most_open; /* the highest count of start tags less end tags, where end tags count down to 0 */
} formatting_count;

/* What the pattern \s matches among bytes. */
static inline int
is_byte_space(unsigned char c)
{
    return c == ' ' || (c >= 0x09 && c <= 0x0d);
}

/* Returns the byte behind a name of the list, which is followed by white space, "/" or ">"; 0 if none stands there. */
static inline unsigned char
byte_behind_name(const unsigned char *at, const unsigned char *end, const formatting_names *names)
{
    unsigned char word[LONGEST_NAME], c = 0;
    size_t size = 0, each;

    if (at == end || !names->first[*at]) {
        return 0;
    }
    for (; at < end; at++) {
        c = *at | 32;
        if (c < 'a' || c > 'z' || (*at & 0x80)) {
            break;
        }
        if (size == LONGEST_NAME) {
            return 0;
        }
        word[size++] = c;
    }
    if (at == end || !(is_byte_space(*at) || *at == '/' || *at == '>')) {
        return 0;
    }
    for (each = 0; each < names->count; each++) {
        if (names->length[each] == size && memcmp(names->name[each], word, size) == 0) {
            return *at;
        }
    }
    return 0;
}

static formatting_count
look_for_formatting(const unsigned char *data, size_t length, const formatting_names *names)
{
    const unsigned char *at = data, *end = data + length;
    formatting_count found = {0, 0};
    size_t open = 0;
    unsigned char behind;
    int closing;

    while (at < end && (at = memchr(at, '<', (size_t) (end - at))) != NULL) {
        at++;
        closing = at < end && *at == '/';
        behind = byte_behind_name(at + closing, end, names);
        if (behind == 0) {
            continue;
        }
        found.marked += !closing && behind != '>';
        open = closing ? (open > 0 ? open - 1 : 0) : open + 1;
        found.most_open = open > found.most_open ? open : found.most_open;
    }
    return found;
}

#endif
