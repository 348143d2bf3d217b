"""The site that the compose tests fetch: any number of stories. It runs in a container, on the standard library alone.

It prints the path of each request that it has answered, which is how a test knows how far the fetcher is.
"""

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8000
STORY = re.compile(r"/story/(\d+)$")

PAGE = """<!doctype html>
<html lang="en">
<head><title>Ferry {number} leaves Quillhaven on time - The Quillhaven Post</title></head>
<body>
<aside class="ticker"><h2>Breaking</h2><ul>
  <li><a href="/story/9001">Lighthouse keeper of Quillhaven retires after forty years</a></li>
  <li><a href="/story/9002">Harbour council votes for a second breakwater</a></li>
  <li><a href="/story/9003">Storm warning lifted for the western islands</a></li>
</ul></aside>
<article>
<h1>Ferry {number} leaves Quillhaven on time</h1>
<p>Ferry number {number} left the harbour of Quillhaven on time this morning, the port office said, with
every one of its cabins taken and a full load of barley below the deck.</p>
<p>The crossing to the western islands takes four hours when the weather is fair. Passengers were told to
expect a moderate swell and to keep the doors of the car deck closed until the pilot has left the ship.</p>
<p>The next ferry is due on Thursday. Tickets are sold at the pier and, since this spring, by telephone.</p>
</article>
</body>
</html>
"""


class Handler(BaseHTTPRequestHandler):
    """One story a number; anything else, such as robots.txt, is not there."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer, then print the path."""
        story = STORY.match(self.path)
        body = PAGE.format(number=story[1]).encode() if story else b"not here"
        self.send_response(200 if story else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8" if story else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        print(self.path)  # noqa: T201

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Only the paths are printed."""


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", PORT), Handler).serve_forever()
