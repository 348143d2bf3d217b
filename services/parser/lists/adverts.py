"""Which entries of a list say of themselves that an advertiser pays for them?"""

from services.parser.lists.class_zones import DOUBTFUL, is_of_others
from services.parser.lists.story_links import is_heading, shape_of
from services.parser.lists.story_lists import Item, StoryList
from services.parser.lists.words import PAID, kind_of_label
from services.parser.lists.zones import Page

# White space around the notice counts too.
SHORTEST_NOTICE, LONGEST_NOTICE = min(map(len, PAID)), 60
# The heading of a box with one story is among so many of its first elements.
MOST_ELEMENTS_ABOVE = 8
# At most so many runs of text stand between such a notice and the headline: a logo's name, a break.
MOST_RUNS_BETWEEN = 8

# Among so many stories of the page's own site, a link to another site must look like them.
FEWEST_OF_OWN = 3

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})


def without_adverts(page: Page, lists: list[StoryList]) -> list[StoryList]:
    """Returns the lists without entries called an advertisement, or with such a notice above or in their headline."""
    for found in lists:
        zone = page.zone_of(found.box)
        found.items = [
            item
            for item in found.items
            if not (_is_paid(page, item) or _is_advert(page, item, zone) or _is_of_others(page, item))
        ]
        if page.front and page.site:
            found.items = _without_strangers(page, found.items)
    return [found for found in lists if found.items]


def _without_strangers(page: Page, items: list[Item]) -> list[Item]:
    """Returns the items without links to other sites that look unlike the several stories of the page's own site."""
    shapes = [shape_of(item.link) for item in items if page.site in item.link.url]
    if len(shapes) < FEWEST_OF_OWN or len(shapes) == len(items):
        return items
    return [
        item
        for item in items
        if page.site in item.link.url or shape_of(item.link) in shapes or is_heading(page.outline, item.link)
    ]


def _is_advert(page: Page, item: Item, zone: str) -> bool:
    """Whether an entry that leads to another site is called an advertisement or the like, in a list that is not."""
    if not page.site or page.site in item.link.url:
        return False
    own = page.zone_of(item.link.element)
    return own != zone and own in {"never", DOUBTFUL}


def _is_of_others(page: Page, item: Item) -> bool:
    """Whether the story is alone in a box that is called an advertisement or a service, by its name or its heading."""
    box, link = item.element, item.link.element
    if box is link:
        return False
    if box.hint and is_of_others(box.hint):
        return True
    above = page.outline.elements[box.index + 1 : min(link.index, box.index + MOST_ELEMENTS_ABOVE)]
    return any(
        element.tag in _HEADINGS
        and not link.inside(element)
        and kind_of_label(page.outline.text_of(element)) in {"unwanted", "service"}
        for element in above
    )


def _is_notice(run: str) -> bool:
    return run.strip(" \t\r\n\u00a0:").lower() in PAID


def _is_paid(page: Page, item: Item) -> bool:
    """Whether a link from a front to another site says that it is paid for, or a notice before the headline does."""
    anchor = item.link.element
    if page.front and "sponsored" in (anchor.attrs.get("rel") or "") and page.site not in item.link.url:
        return True
    start = max(item.element.first_run, anchor.first_run - MOST_RUNS_BETWEEN)
    for run in page.outline.runs[start : max(anchor.last_run, anchor.first_run)]:
        if SHORTEST_NOTICE <= len(run) <= LONGEST_NOTICE and _is_notice(run):
            return True
    return False
