"""Does what was said of a page forbid to store it, or to mine its text? docs/rights.md has the words and reasons."""

from services.fetcher.rights.page_statements import words_to_us
from shared.rights import Rights, Statement

# Said of a page in its head or by X-Robots-Tag: no copy is to be kept (the first two), no machine is to learn from it.
FORBIDDING_WORDS = frozenset({"noarchive", "nocache", "noai", "noml"})
PLACES = {
    "meta": "in a meta element",
    "link": "in a link element",
    "header": "in a header",
    "robots.txt": "in its site's robots.txt",
    "tdmrep.json": "in its site's tdmrep.json",
}


def reservation(rights: Rights | None, token: str) -> str | None:
    """Returns what forbids it and where that was said, as the end of a sentence; None where nothing does."""
    if rights is None:
        return None
    for statement in rights.tdm_reservation:
        # Any other value counts as not said.
        if statement.said in ("0", "1"):
            if statement.said == "1":
                return f'"tdm-reservation: 1" {_place(statement)}'
            break
    for name, statements in (("X-Robots-Tag", rights.x_robots_tag), ("robots", rights.meta_robots)):
        for statement in statements:
            if FORBIDDING_WORDS.intersection(words_to_us(statement.said, token)):
                return f'"{name}: {statement.said}" {_place(statement)}'
    return _by_signal(rights)


def _by_signal(rights: Rights) -> str | None:
    decided: set[str] = set()
    for statement in rights.content_signal:
        for part in statement.said.lower().split(","):
            signal, _, value = (piece.strip() for piece in part.partition("="))
            if value == "no" and signal not in decided:
                return f'"Content-Signal: {statement.said}" {_place(statement)}'
            if value in ("yes", "no"):
                decided.add(signal)
    return None


def _place(statement: Statement) -> str:
    of = f" for {statement.path}" if statement.path else ""
    return PLACES[statement.where] + of
