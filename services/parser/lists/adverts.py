"""Which entries of a list say of themselves that an advertiser pays for them?"""

from bisect import bisect_left

from services.parser.lists.class_zones import DOUBTFUL
from services.parser.lists.story_lists import Item, StoryList
from services.parser.lists.words import PAID
from services.parser.lists.zones import Page

# White space around the notice counts too.
LONGEST_NOTICE = 60
# At most so many runs of text stand between such a notice and the headline: a logo's name, a break.
MOST_RUNS_BETWEEN = 8


def without_adverts(page: Page, lists: list[StoryList]) -> list[StoryList]:
    """Returns the lists without entries called an advertisement, or with such a notice above or in their headline."""
    runs = page.outline.runs
    notices = [at for at, run in enumerate(runs) if len(run) <= LONGEST_NOTICE and _is_notice(run)]
    for found in lists:
        zone = page.zone_of(found.box)
        found.items = [item for item in found.items if not (_is_paid(item, notices) or _is_advert(page, item, zone))]
    return [found for found in lists if found.items]


def _is_advert(page: Page, item: Item, zone: str) -> bool:
    """Whether an entry that leads to another site is called an advertisement or the like, in a list that is not."""
    if not page.site or page.site in item.link.url:
        return False
    own = page.zone_of(item.link.element)
    return own != zone and own in {"never", DOUBTFUL}


def _is_notice(run: str) -> bool:
    return run.strip(" \t\r\n\u00a0:").lower() in PAID


def _is_paid(item: Item, notices: list[int]) -> bool:
    anchor = item.link.element
    start = max(item.element.first_run, anchor.first_run - MOST_RUNS_BETWEEN)
    at = bisect_left(notices, start)
    return at < len(notices) and notices[at] < max(anchor.last_run, anchor.first_run)
