"""Text of strangers where no element can hold its direction: titles of windows, choices, names in a chart.

Everywhere else it stands in `<bdi>`, or in an element with `dir="auto"`: what it does to the direction of letters then
ends with it.
"""

import re

# Control characters, and those that turn the direction of what follows; the latter are of no use in one line of text.
DOES_SOMETHING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
LONGEST = 160


def plain(text: object, most: int = LONGEST) -> str:
    """Return text of a stranger as one line that does nothing but stand there."""
    line = " ".join(DOES_SOMETHING.sub(" ", str(text)).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
