"""The press of the incidents: a site of several names, which an operator's bad night befalls.

It runs in a container, on the standard library alone. A file in /tmp/nights that is called like one of its names says
what has happened to that paper: `redesigned`, `blocks` or `poison`.
"""

import itertools
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PORT = 8000
NIGHTS = Path("/tmp/nights")
STORY = re.compile(r"/story/(\d+)$")
STORIES = 12
# Items of a page that takes the parser seconds: each is a line of a few words.
POISON_ITEMS = 60_000

_serial = itertools.count()

HEADLINE = "Harbour council of Quillhaven votes for breakwater number {number}"
FRONT = """<!doctype html><html lang="en"><head><title>The Quillhaven Post</title></head><body>
<!-- {serial} --><main><h2>Latest news</h2><ul>{items}</ul></main></body></html>"""
ITEM = '<li><a href="/story/{number}"><h3>{headline}</h3></a></li>'
# After the redesign, a script writes the headlines.
REDESIGNED = """<!doctype html><html lang="en"><head><title>The Quillhaven Post</title></head><body>
<!-- {serial} --><div id="app"></div><script src="/app.js"></script></body></html>"""
PAGE = """<!doctype html><html lang="en"><head><title>{headline} - The Quillhaven Post</title></head><body><article>
<h1>{headline}</h1>
<p>The council of the harbour has voted for breakwater number {number} this morning, its speaker said, by nine votes to
two and after a debate of three hours.</p>
<p>The work is to begin in spring, when the ferries to the western islands go by the northern pier for eight weeks.</p>
<p>Two members of the council spoke against it, since the second breakwater is not yet paid for in full.</p>
</article></body></html>"""


class Handler(BaseHTTPRequestHandler):
    """A front with twelve stories for each name, and any number of stories; nothing else is there."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer as the night of this paper has it."""
        paper = (self.headers.get("Host") or "").partition(":")[0]
        night = (NIGHTS / paper).read_text("utf-8").strip() if (NIGHTS / paper).exists() else ""
        if night == "blocks":
            self._answer(403, "Access denied")
        elif self.path == "/":
            self._answer(200, _front(night))
        elif found := STORY.match(self.path):
            self._answer(200, _story(int(found[1]), night))
        else:
            self._answer(404, "not here")

    def _answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Nothing is printed."""


def _front(night: str) -> str:
    if night == "redesigned":
        return REDESIGNED.format(serial=next(_serial))
    items = (ITEM.format(number=n, headline=HEADLINE.format(number=n)) for n in range(STORIES))
    return FRONT.format(serial=next(_serial), items="\n".join(items))


def _story(number: int, night: str) -> str:
    if night == "poison":
        return "<ul>" + "".join(f"<li>line {n} of a page that never ends" for n in range(POISON_ITEMS)) + "</ul>"
    return PAGE.format(number=number, headline=HEADLINE.format(number=number))


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", PORT), Handler).serve_forever()
