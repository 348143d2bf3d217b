"""What stands between a browser and the pages: who may ask, under which name, from where, and what an answer may do.

Against whom: a site that the operator's browser is also on (it may send requests here, or give its own name this
address: DNS rebinding), a neighbour on the network, and text of strangers' pages, which is only ever text
(`rendering.py`) and, if that should fail, could neither run nor load anything.
"""

import base64
import binascii
import ipaddress
import secrets

import anyio
import msgspec
from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# A page may say otherwise of itself: one that is shown in a frame of ours has a stricter policy of its own.
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
# Is told to nobody but whether the process answers, so that a health check needs no password.
HEALTH = "/health"
ONLY_READ = frozenset({"GET", "HEAD"})
# Wrong passwords are answered one after the other, each after this time (s).
WRONG_PASSWORD_S = 0.5


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """On which terms the dashboard answers: its password, and the names it is served under beside those of loopback."""

    password: str | None = None
    hosts: frozenset[str] = frozenset()


class Guard:
    """Refuses what no browser of the operator's would send from a page of ours; gives every answer its headers."""

    def __init__(self, app: ASGIApp, terms: Terms) -> None:
        self._app = app
        self._terms = terms
        self._one_at_a_time = anyio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._refusal(scope)
        if answer is None and scope["path"] != HEALTH and not self._knows_password(Headers(scope=scope)):
            answer = await self._ask_for_password(Headers(scope=scope))
        await (answer or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if not is_our_name(headers.get("host", ""), self._terms.hosts):
            return PlainTextResponse(
                "The dashboard is not served under this name. Open it by its address or as localhost, or set "
                "DEPECHE_DASHBOARD_HOSTS to the name.\n",
                421,
            )
        if scope["method"] not in ONLY_READ and not is_from_our_page(headers):
            return PlainTextResponse("Only a page of the dashboard itself may ask for that.\n", 403)
        return None

    def _knows_password(self, headers: Headers) -> bool:
        if self._terms.password is None:
            return True
        given = password_in(headers.get("authorization", ""))
        return secrets.compare_digest(given.encode(), self._terms.password.encode())

    async def _ask_for_password(self, headers: Headers) -> PlainTextResponse:
        if "authorization" in headers:
            async with self._one_at_a_time:
                await anyio.sleep(WRONG_PASSWORD_S)
        ask = {"WWW-Authenticate": 'Basic realm="Depeche", charset="UTF-8"'}
        return PlainTextResponse("The dashboard asks for a password (any user name).\n", 401, ask)


def is_our_name(host: str, names: frozenset[str]) -> bool:
    """Whether a request for this host is meant for us: an address, localhost, or a name that is set.

    Another name leads here only if somebody else's DNS says so, whose page could then read ours. An address cannot.
    """
    try:
        name = URL(f"http://{host}").hostname
    except ValueError:
        return False
    if not name or "@" in host or "/" in host:
        return False
    return name == "localhost" or name in names or is_address(name)


def is_address(name: str) -> bool:
    """Whether this is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_from_our_page(headers: Headers) -> bool:
    """Whether the browser says that a page of ours sends this; what says neither is no browser, and is refused, too."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin", "")
    return bool(origin) and origin.partition("://")[2] == headers.get("host")


def password_in(authorization: str) -> str:
    """Return the password of HTTP Basic; empty where there is none."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
