"""A list of addresses, one a line, as people keep it and as newsboat does: `url "tag" "~title"`."""

import re

from cli.sources.subscriptions import (
    Refusal,
    Subscription,
    Subscriptions,
    clean_tags,
    plain,
    web_address,
    why_no_address,
)

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
# What newsboat makes feeds of by itself.
_OF_NEWSBOAT = ("query:", "exec:", "filter:", "file:")


def read_url_list(text: str) -> Subscriptions:
    """Return the addresses of a list. A line that begins with `#` is a comment."""
    entries: list[Subscription] = []
    refused: list[Refusal] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = _words(line)
        if not words:
            continue
        url = web_address(words[0])
        if url is None:
            why = "newsboat makes it itself" if words[0].startswith(_OF_NEWSBOAT) else why_no_address(words[0])
            refused.append(Refusal(what=f"line {number}, {plain(line)[:80]}", why=why))
            continue
        titles = [plain(word[1:]) for word in words[1:] if word.startswith("~")]
        tags = [word for word in words[1:] if word[:1] not in ("~", "!")]
        entries.append(Subscription(url=url, title=titles[0] if titles else "", tags=clean_tags(tags)))
    return Subscriptions(entries=entries, refused=refused)


def _words(line: str) -> list[str]:
    """The words of a line; quotes keep one of several together, and an unquoted `#` begins a comment."""
    words: list[str] = []
    for found in _WORD.finditer(line):
        if found[2] is not None and found[2].startswith("#"):
            break
        words.append(re.sub(r"\\(.)", r"\1", found[1]) if found[1] is not None else found[2])
    return words
