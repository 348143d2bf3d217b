"""How pages are written: Jinja templates in which everything is escaped, and the filters that they share."""

import functools
import hashlib
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from rich.filesize import decimal
from starlette.requests import Request
from starlette.responses import HTMLResponse

from cli.times import exactly, local, shown, span
from cli.wording import counted, plural
from shared.version import VERSION

# A longer address is cut where it is shown; its link and its title have it whole.
LONGEST_SHOWN = 90
LINK = '<a class="address" href="{}" title="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>'


def render(request: Request, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """Return the template with these facts as an answer."""
    app = request.app.state
    written = (
        _environment()
        .get_template(template)
        .render(path=request.url.path, pages=app.pages, actions=app.actions, version=VERSION, **facts)
    )
    return HTMLResponse(written, status)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("cli.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "time": time,
        "exactly": lambda at: time(at, exactly),
        "span": span,
        "number": lambda number: f"{number:,}",
        "bytes": decimal,
        "link": link,
        "commands": commands,
        "segment": lambda text: quote(text, safe=""),
    }
    environment.globals |= {"counted": counted, "plural": plural, "static": static, "utc_offset": utc_offset}
    return environment


def time(at: datetime | None, written: Any = shown) -> Markup:
    """Return a moment in the zone of the machine or of TZ, which programs can read; nothing for None."""
    if at is None:
        return Markup()
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), written(at))


def utc_offset() -> int:
    """Return by how many seconds the zone in which moments are shown is ahead of UTC now; charts are in it, too."""
    offset = local(datetime.now(UTC)).utcoffset()
    return round(offset.total_seconds()) if offset else 0


def link(url: str | None, text: str | None = None) -> Markup:
    """Return a stranger's address as a link if it is one of the web, else as text; nothing for None.

    The page that it leads to learns nothing of the dashboard.
    """
    if url is None:
        return Markup()
    said = text or (url if len(url) <= LONGEST_SHOWN else f"{url[: LONGEST_SHOWN - 1]}…")
    if not is_of_the_web(url):
        return Markup('<span class="address">{}</span>').format(said)
    return Markup(LINK).format(url, url, said)


def commands(sentence: str) -> Markup:
    """Return a sentence of ours with what stands between backquotes as commands."""
    parts = sentence.split("`")
    return Markup().join(
        Markup("<code>{}</code>").format(part) if number % 2 else part for number, part in enumerate(parts)
    )


def is_of_the_web(url: str) -> bool:
    """Whether this is an http or https address with a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


@functools.cache
def static(name: str) -> str:
    """Return the path of a file of `static/`, which changes with the file, so that browsers may keep it for good."""
    content = files("cli.dashboard").joinpath("static", *name.split("/")).read_bytes()
    return f"/static/{name}?{hashlib.sha256(content).hexdigest()[:12]}"
