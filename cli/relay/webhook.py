"""Delivers to a webhook: a signed HTTP POST of some changes, as the specification "Standard Webhooks" has it.

The address is the operator's own setting and not a stranger's, so it may lead to a private network, where the fetcher
would not go. What the receiver answers is a stranger's word: redirects are not followed, and only the beginning of an
answer is read.
"""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Sequence

import httpx
import msgspec

from cli.relay.errors import NotNow, Refused
from cli.relay.feed import Change
from services.fetcher.download.answer_status import seconds_to_wait
from shared.broker.redis_url import without_password
from shared.failures import UserError
from shared.version import VERSION

# Seconds for each of the steps of a delivery: the connection, sending, the answer. The health check takes a worker for
# hung after more than these (shared/health.py).
TIMEOUT_S = 15.0
# Bytes of an answer that are read, and those of them that are told.
ANSWER_BYTES = 64 * 1024
TOLD_BYTES = 200
# Answers of the class 4xx that pass by themselves: a receiver that is too slow, at work with something else, starting,
# or asked too often.
PASSING = frozenset({408, 409, 423, 425, 429})
# Answers that are about the address or the sender, and not about what was sent.
OF_SETTING = frozenset({401, 402, 403, 404, 405, 407, 410, 411, 421, 426, 431, 451})
SECRET_PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)
HOW_TO_MAKE = 'Put one into DEPECHE_RELAY_SECRET, or a file: echo "whsec_$(head -c 32 /dev/urandom | base64)" makes it.'


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What is posted. The time is that of the last change, so that a repetition is the same byte for byte."""

    type: str = "article.changes"
    timestamp: str
    data: Sequence[Change]


class Webhook:
    """The receiver at an address, and the secrets with which deliveries to it are signed."""

    def __init__(self, address: str, secrets: str | None) -> None:
        self._address = checked_address(address)
        self._keys = keys_of(secrets)
        self.shown = without_password(address)
        self._client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)

    def deliver(self, changes: Sequence[Change]) -> None:
        """Post the changes; returns once the receiver has taken them. Raises NotNow or Refused."""
        times = changes[-1].recorded_at.isoformat().replace("+00:00", "Z")
        body = msgspec.json.encode(Body(timestamp=times, data=changes))
        headers = self._headers(id_of(changes), int(time.time()), body)
        try:
            with self._client.stream("POST", self._address, content=body, headers=headers) as response:
                judge(response)
        except httpx.TimeoutException as error:
            raise NotNow("timeout", f"no answer within {TIMEOUT_S:g} s ({type(error).__name__})") from error
        except httpx.RequestError as error:
            raise NotNow("unreachable", f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _headers(self, message_id: str, at: int, body: bytes) -> dict[str, str]:
        return {
            "content-type": "application/json",
            "user-agent": f"Depeche/{VERSION} (relay)",
            "webhook-id": message_id,
            "webhook-timestamp": str(at),
            "webhook-signature": " ".join(signature(key, message_id, at, body) for key in self._keys),
        }


def checked_address(address: str) -> str:
    """Return the address; raises UserError if it is none of a webhook."""
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise UserError(f"The receiver {without_password(address)} is no address: {error}.") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise UserError(f"The receiver {without_password(address)} is no address of a webhook (https://HOST/PATH).")
    return address


def keys_of(secrets: str | None) -> list[bytes]:
    """Return the keys of the secrets; raises UserError, which quotes none of them, if there is none or one is wrong."""
    keys = [key_of(secret) for secret in (secrets or "").split()]
    if not keys:
        raise UserError(f"A webhook needs a secret, by which its receiver knows who calls. {HOW_TO_MAKE}")
    return keys


def key_of(secret: str) -> bytes:
    """Return the key of a secret as Standard Webhooks writes it; raises UserError for any other."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if len(key) not in SECRET_BYTES:
        length = f"{SECRET_BYTES[0]} to {SECRET_BYTES[-1]} bytes"
        raise UserError(f"A webhook's secret has to be whsec_ and the base64 of {length}. {HOW_TO_MAKE}")
    return key


def id_of(changes: Sequence[Change]) -> str:
    """Return the number of the delivery: that of its change or, of several, of the first and the last one."""
    first, last = changes[0].id, changes[-1].id
    return first if len(changes) == 1 else f"{first}-{last}"


def signature(key: bytes, message_id: str, at: int, body: bytes) -> str:
    """Return the signature of a delivery: version 1 of Standard Webhooks, HMAC-SHA256."""
    digest = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def judge(response: httpx.Response) -> None:
    """Return if the receiver has taken the delivery; raises NotNow or Refused otherwise."""
    answer = beginning_of(response)
    if response.is_success:
        return
    status = response.status_code
    said = answer[:TOLD_BYTES].decode("utf-8", "replace")
    detail = f"answered with HTTP status {status}" + (f": {said}" if said else "")
    if status >= 500 or status in PASSING:
        raise NotNow(f"http_{status}", detail, after=seconds_to_wait(response.headers.get("retry-after")))
    raise Refused(f"http_{status}", detail, of_content=400 <= status < 500 and status not in OF_SETTING)


def beginning_of(response: httpx.Response) -> bytes:
    """Return the first bytes of the answer; a connection whose answer was read to its end can be used again."""
    read = b""
    for chunk in response.iter_bytes():
        read += chunk
        if len(read) > ANSWER_BYTES:
            break
    return read
