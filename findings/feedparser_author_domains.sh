#!/usr/bin/env bash
# feedparser cuts the e-mail address of an RSS author after four letters of its top-level domain, and the name with it.
#
# Versions   feedparser 6.0.14 with feedparser-sgmllib 2.1.0, Python 3.11; seen on 2026-11-30.
# Input      RSS 2.0 says that <author> is the author's e-mail address, and shows "lawyer@boyer.net (Lawyer Boyer)".
# Behaviour  The address is looked for with a pattern that takes a top-level domain for two to four letters. Of a longer
#            one (.media, .press, .paris; .museum since 2001) the rest is taken for the beginning of the name. The entry's
#            `author` has the element's text as it came; `author_detail` and `authors` have the damage.
# Tracker    No report of it was found. github.com/kurtmckee/feedparser/pull/571 changes the same pattern, for its speed.
# Output     as in `expected` below: "a (Ann Reed" is the author of what ann@tribune.media wrote.
# Therefore  An author of an RSS feed is better read from `author` than from `author_detail`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check feedparser==6.0.14 feedparser-sgmllib==2.1.0

seen=$("$folder/bin/python" -I - <<'PY'
import feedparser

feed = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel>
<title>The Tribune</title><link>https://tribune.example/</link><description>All stories</description>
<item><title>Harbour opens</title><link>https://tribune.example/1</link><author>%s</author></item>
</channel></rss>"""
for domain in ("com", "news", "media", "press", "museum"):
    author = f"ann@tribune.{domain} (Ann Reed)"
    entry = feedparser.parse((feed % author).encode()).entries[0]
    print(entry.author == author, entry.author_detail.get("name"), entry.author_detail.get("email"), sep=" | ")
PY
)
expected='True | Ann Reed | ann@tribune.com
True | Ann Reed | ann@tribune.news
True | a (Ann Reed | ann@tribune.medi
True | s (Ann Reed | ann@tribune.pres
True | um (Ann Reed | ann@tribune.muse'

echo "$seen"
[[ $seen == "$expected" ]] || { echo "CHANGED: expected" >&2; echo "$expected" >&2; exit 1; }
echo "as seen"
