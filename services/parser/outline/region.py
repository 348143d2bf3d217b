"""Where on the page does the article stand?"""

import msgspec

from services.parser.outline.outline import Element


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """The place of the article: its visible headline, if any, and the indexes of its first and last elements.

    `apart` has a 1 for each element, by its index, in a part that is surely not the article's, such as comments.
    """

    title_element: Element | None
    first: int
    last: int
    apart: bytearray | None = None
