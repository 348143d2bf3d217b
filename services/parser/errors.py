"""Why the parser ends a page; all are shared.failures.GiveUp.

GiveUp
├── refused  unsupported_type   the bytes are no text (PDF, image, archive …), whatever their label says
├── refused  empty_body         there is nothing in it
├── failed   bad_feed           a feed in which the feed reader itself gets lost
└── failed   page_missing       the page store lost the page while it was in the air
"""

from shared.failures import GiveUp


def page_missing(flight_id: str) -> GiveUp:
    """The claim check found nothing."""
    return GiveUp("page_missing", f"the page store holds no page for flight {flight_id}; fetch the page again")
