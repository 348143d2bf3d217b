"""Where on the page does the article stand?"""

from enum import IntEnum

import msgspec

from services.parser.outline.outline import Element


class Apart(IntEnum):
    """What a part is that is surely not the article's."""

    HIDDEN = 1
    COMMENTS = 2
    CONVERSATION = 3
    ADVERTISEMENT = 4
    SIGN_UP = 5
    NEXT_STORY = 6
    MORE_PAGES = 7

    def over(self, count: int) -> bytes:
        """Returns the mark for so many elements beside each other."""
        return bytes((self,)) * count


# The same in words for people: where something stands that is not the article's.
IN_WORDS = {
    Apart.HIDDEN: "in a part that readers are not shown",
    Apart.COMMENTS: "in a part that the page calls comments",
    Apart.CONVERSATION: "among entries that look like readers' comments: a name, a time, a text, a button each",
    Apart.ADVERTISEMENT: "in a box that is labelled as an advertisement",
    Apart.SIGN_UP: "in a box to sign up in",
    Apart.NEXT_STORY: "in the next story of the page",
    Apart.MORE_PAGES: "in the links to the other pages of the story",
}


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """The place of the article: its visible headline, if any, and the indexes of its first and last elements.

    `apart` has for each element, by its index, the number of `Apart` if it is in such a part, and else 0.
    """

    title_element: Element | None
    first: int
    last: int
    apart: bytearray | None = None
