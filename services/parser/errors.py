"""Why the parser gives up a page. Every error is a shared.failures.GiveUp.

GiveUp
├── refused      unsupported_type   the bytes are not text (PDF, image, archive …), whatever their content type says
├── refused      empty_body         the body is empty
├── failed       page_missing       the page store lost the page while it was in the air
├── quarantined  too_slow           it took more CPU time than a page may (DEPECHE_PARSE_TIMEOUT)
├── quarantined  too_heavy          it took more memory than a page may (DEPECHE_PARSE_MAX_MEMORY)
└── quarantined  crashed            it ended the process that parsed it, and another one that tried it out alone
"""

from shared.failures import GiveUp


def page_missing(flight_id: str) -> GiveUp:
    """Returns the error for a claim check whose bytes are not in the page store."""
    return GiveUp("page_missing", f"the page store holds no page for flight {flight_id}; fetch the page again")


def page_too_slow(seconds: float) -> GiveUp:
    """Returns the error for a page that takes longer to parse than a page may."""
    return GiveUp(
        "too_slow",
        f"to parse it takes more than {seconds:g} s of CPU time, which DEPECHE_PARSE_TIMEOUT allows",
        fate="quarantined",
    )


def page_too_heavy(memory: int) -> GiveUp:
    """Returns the error for a page that takes more memory to parse than a page may."""
    return GiveUp(
        "too_heavy",
        f"to parse it takes more than {memory} bytes of memory, which DEPECHE_PARSE_MAX_MEMORY allows",
        fate="quarantined",
    )


def page_crashed(ending: str) -> GiveUp:
    """Returns the error for a page that ends the process that parses it; `ending` says how."""
    return GiveUp(
        "crashed",
        f"the process that parsed it ended, and so did another that tried it out alone, with {ending}",
        fate="quarantined",
    )
