"""The floor that a reader of fronts has to leave behind: every link of 25 to 220 characters outside <nav> and <footer>.

It is called as `depeche parse --manifest FILE` is, and answers in the same shape, as far as a scorer of fronts asks.
"""

import gzip
import json
import sys
from pathlib import Path
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

FEWEST_CHARS, MOST_CHARS = 25, 220


def headlines_of(body: bytes, url: str) -> list[dict[str, object]]:
    """Returns the links, each as a headline of the kind `front`."""
    tree = LexborHTMLParser(body)
    for part in tree.css("nav, footer, script, style"):
        part.decompose()
    base = tree.css_first("base[href]")
    at = urljoin(url, base.attributes["href"] or "") if base is not None else url
    texts = ((" ".join(a.text().split()), a.attributes.get("href") or "") for a in tree.css("a[href]"))
    return [
        {"kind": "front", "label": None, "text": text, "url": urljoin(at, href)}
        for text, href in texts
        if FEWEST_CHARS <= len(text) <= MOST_CHARS
    ]


def main(manifest: Path) -> None:
    """Print a line of JSON a page of the manifest."""
    for line in manifest.read_text("utf-8").splitlines():
        entry = json.loads(line)
        body = Path(entry["file"]).read_bytes()
        if entry["file"].endswith(".gz"):
            body = gzip.decompress(body)
        found = headlines_of(body, entry["url"])
        print(json.dumps({"id": entry["id"], "page_type": "listing", "article": None, "headlines": found}))


if __name__ == "__main__":
    main(Path(sys.argv[-1]))
