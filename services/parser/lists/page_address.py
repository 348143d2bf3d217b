"""What does a page's own address say that it is: a list of stories, a story, or neither?"""

import re
from typing import Literal
from urllib.parse import urlsplit

from services.parser.lists.story_urls import is_home, is_story_url, leads_elsewhere, path_of

# A day, a month or a year at the end (an archive), and the number of a page of a list. Numbers of stories are longer.
_ARCHIVE = re.compile(r"(?:^|[/-])(?:19|20)\d\d(?:[/-](?:0?[1-9]|1[0-2])(?:[/-](?:0?[1-9]|[12]\d|3[01]))?)?$")
_LATER_PAGE = re.compile(r"/(?:page|pagina|pag|seite|strana|sayfa|p)[/-]?\d{1,4}$")
_SEARCH = re.compile(r"(?:^|&)(?:s|q|query|search|keywords?|suche|recherche|buscar)=[^&]*[^\W\d]", re.I)
_ENDING = re.compile(r"\.(?:[sx]?html?|php|aspx?|jsp)$", re.I)


def address_tells(url: str | None) -> Literal["list", "story"] | None:
    """Returns "list" or "story" where the address says so; None where it may be both, as /world or /latest-news.html.

    An ending such as .html says nothing by itself: sections have it as well as stories.
    """
    if not url:
        return None
    parts = urlsplit(url)
    path = _ENDING.sub("", parts.path.rstrip("/"))
    if is_home(url) or leads_elsewhere(url) or _SEARCH.search(parts.query):
        return "list"
    if _ARCHIVE.search(path) or _LATER_PAGE.search(path):
        return "list"
    whole = f"{path}?{parts.query}" if parts.query else path
    return "story" if is_story_url(whole) and path_of(url) else None
