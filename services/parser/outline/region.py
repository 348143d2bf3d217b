"""Where on the page does the article stand?"""

import msgspec

from services.parser.outline.outline import Element


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """Where the article stands in the outline: its visible headline, if any, and its first and last element."""

    title_element: Element | None
    first: int
    last: int
