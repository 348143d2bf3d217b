"""Why the parser gives up a page. Every error is a shared.failures.GiveUp.

GiveUp
├── refused  unsupported_type   the bytes are not text (PDF, image, archive …), whatever their content type says
├── refused  empty_body         the body is empty
└── failed   page_missing       the page store lost the page while it was in the air
"""

from shared.failures import GiveUp


def page_missing(flight_id: str) -> GiveUp:
    """Returns the error for a claim check whose bytes are not in the page store."""
    return GiveUp("page_missing", f"the page store holds no page for flight {flight_id}; fetch the page again")
