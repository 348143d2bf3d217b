"""Where on the page does the article stand?"""

import msgspec

from services.parser.outline.outline import Element


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """The place of the article: its visible headline, if any, and the indexes of its first and last elements."""

    title_element: Element | None
    first: int
    last: int
