"""feedparser cuts the e-mail address of an RSS author after four letters of its top-level domain, and the name with it.

Versions   feedparser 6.0.14 with feedparser-sgmllib 2.1.0, Python 3.11; seen on 2026-11-30.
Input      RSS 2.0 says that <author> is the author's e-mail address, and shows "lawyer@boyer.net (Lawyer Boyer)".
Behaviour  The address is looked for with a pattern that takes a top-level domain for two to four letters. Of a longer
           one (.media, .press, .paris; .museum since 2001) the rest is taken for the beginning of the name. The entry's
           `author` has the element's text as it came; `author_detail` and `authors` have the damage.
Tracker    No report of it was found. github.com/kurtmckee/feedparser/pull/571 changes the same pattern, for its speed.
Output     see EXPECTED: "a (Ann Reed" is the author of what ann@tribune.media wrote.
Therefore  An author of an RSS feed is better read from `author` than from `author_detail`.

Run it with any Python 3.11 or later: `python findings/feedparser_author_domains.py`.
"""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PACKAGES = ["feedparser==6.0.14", "feedparser-sgmllib==2.1.0"]

FEED = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel>
<title>The Tribune</title><link>https://tribune.example/</link><description>All stories</description>
<item><title>Harbour opens</title><link>https://tribune.example/1</link><author>%s</author></item>
</channel></rss>"""

EXPECTED = {
    "ann@tribune.com (Ann Reed)": {"name": "Ann Reed", "email": "ann@tribune.com"},
    "ann@tribune.news (Ann Reed)": {"name": "Ann Reed", "email": "ann@tribune.news"},
    "ann@tribune.media (Ann Reed)": {"name": "a (Ann Reed", "email": "ann@tribune.medi"},
    "ann@tribune.press (Ann Reed)": {"name": "s (Ann Reed", "email": "ann@tribune.pres"},
    "ann@tribune.museum (Ann Reed)": {"name": "um (Ann Reed", "email": "ann@tribune.muse"},
}

PROBE = """
import json, sys, feedparser
feed, authors = json.load(sys.stdin)
entries = {author: feedparser.parse((feed % author).encode()).entries[0] for author in authors}
assert all(entry.author == author for author, entry in entries.items())
json.dump({author: dict(entry.author_detail) for author, entry in entries.items()}, sys.stdout)
"""


def main() -> int:
    """Compare what the pinned packages do today with what was seen; 1 when that has changed."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder, "bin", "python"))
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *PACKAGES], check=True)
        asked = json.dumps([FEED, list(EXPECTED)])
        ran = subprocess.run([python, "-I", "-c", PROBE], input=asked, capture_output=True, text=True, check=True)
    seen = json.loads(ran.stdout)
    for author, detail in seen.items():
        sys.stdout.write(f"{'as seen' if detail == EXPECTED[author] else 'CHANGED'}  {author} -> {detail}\n")
    return int(seen != EXPECTED)


if __name__ == "__main__":
    sys.exit(main())
