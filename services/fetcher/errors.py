"""How a download fails, and what then becomes of the page.

    shared.failures.PageFailure
    ├── GiveUp          lands as `failed`: the publisher's answer is broken, and would be the same again
    │   ├── Refused     lands as `refused`: we do not want this page, or must not fetch it
    │   └── Gone        lands as `gone`: the publisher says that the page no longer exists
    └── RetryLater      the page waits in the frontier; a later attempt may work

Exception    reason                  when
-----------  ----------------------  ------------------------------------------------------------------------
Refused      invalid_url             no host, bad port, bad IDN, too long; in the request or in a Location
Refused      scheme_unsupported      neither http nor https; in the request or in a Location
Refused      address_denied          every address of the host is private, loopback, ...; see address_guard.py
Refused      too_large               more than `max_bytes`, declared, on the wire or after decompression
Refused      unsupported_type        a PDF, an image, a film, an archive: by Content-Type or by its first bytes
Refused      empty_body              a 2xx answer without a byte, such as 204
Refused      robots_disallowed       the site's robots.txt forbids the URL itself or one that it redirects to
(refused)    rights_reserved         the page forbids what its source asks to respect; fetch.py drops it with its answer
Gone         http_404, http_410
GiveUp       http_NNN                any other status that is neither 2xx nor listed here (4xx, 3xx without Location)
GiveUp       too_many_redirects      more than `max_redirects` hops
GiveUp       redirect_loop           a hop leads to a URL that this download has already asked for
GiveUp       unsupported_encoding    a Content-Encoding other than gzip, deflate, br, zstd and identity
GiveUp       tls_failed              wrong, expired or self-signed certificate, or no TLS on that port
RetryLater   dns_failed              the name did not resolve, or not in time
RetryLater   connect_failed          every address refused the connection or was unreachable
RetryLater   proxy_failed            a source's proxy does not open a way to the server
RetryLater   connect_timeout         no address, or no TLS handshake, within `connect_timeout`
RetryLater   read_timeout            silence for longer than `read_timeout`
RetryLater   total_timeout           `total_timeout` is over, redirects included, even if the server is still sending
RetryLater   connection_lost         reset, or closed before the answer was complete
RetryLater   bad_response            not HTTP, invalid chunking, headers too large, a body that does not decompress
RetryLater   robots_unreachable      the site's robots.txt cannot be read, and no older copy is stored; see robots.py
RetryLater   host_busy               the host's turn is too far away for a thread to wait for; counts as no attempt
RetryLater   http_408, 429, 5xx      with the server's Retry-After, capped; see answer_status.py

`bad_response` is retried because most newsrooms are served by a CDN whose nodes fail one at a time. The number of
attempts that the caller allows bounds the cost of a server that is always broken.
"""

from typing import Literal

from shared.failures import GiveUp

RefusedReason = Literal[
    "invalid_url",
    "scheme_unsupported",
    "address_denied",
    "too_large",
    "unsupported_type",
    "empty_body",
    "robots_disallowed",
]


class Refused(GiveUp):
    """We do not want this page, or must not fetch it."""

    def __init__(self, reason: RefusedReason, detail: str, *, http_status: int | None = None) -> None:
        super().__init__(reason, detail, fate="refused", http_status=http_status)


class Gone(GiveUp):
    """The publisher says that the page no longer exists."""

    def __init__(self, reason: Literal["http_404", "http_410"], detail: str, *, http_status: int) -> None:
        super().__init__(reason, detail, fate="gone", http_status=http_status)
