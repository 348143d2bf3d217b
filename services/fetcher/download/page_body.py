"""Reads an answer's body, or refuses it: by its status, its type, its size, or its first bytes.

The sitemap protocol allows gzip files: `sitemap.xml.gz` is unpacked whatever type its server declares, within the same
limits as a body that is compressed for transport.
"""

import struct
from collections.abc import Iterator
from itertools import chain
from urllib.parse import urlsplit

import httpx
from zlib_ng import zlib_ng

from services.fetcher.download.answer_status import failure_of_status
from services.fetcher.download.body_decoding import decode_body, too_large
from services.fetcher.download.content_type import SNIFFED_BYTES, refuse_binary_content, refuse_declared_type
from services.fetcher.errors import Refused
from shared.signatures import GZIP

GZIP_TYPES = ("application/gzip", "application/x-gzip")


class BodyReader:
    """Reads the body of one answer; `wire` has the bytes that were read, as the server encoded them."""

    def __init__(self, answer: httpx.Response, *, max_bytes: int) -> None:
        self._answer = answer
        self._url = str(answer.url)
        self._max_bytes = max_bytes
        self.wire = bytearray()

    def page(self) -> bytes:
        """Returns the decoded page; raises PageFailure where the answer is not a page."""
        answer, url, content_type = self._answer, self._url, self._answer.headers.get("content-type")
        self._raise_for_status()
        if self._is_gzip_file() and (content_type or "").lower().startswith(GZIP_TYPES):
            content_type = None
        refuse_declared_type(content_type, url)
        if int(answer.headers.get("content-length", 0)) > self._max_bytes:
            raise too_large(url, self._max_bytes)

        body = bytearray()
        sniffed = False
        for piece in self._unpacked():
            body += piece
            if not sniffed and len(body) >= SNIFFED_BYTES:
                refuse_binary_content(bytes(body[:SNIFFED_BYTES]), content_type, url)
                sniffed = True
        if not body:
            raise Refused("empty_body", f"{url} answered without a body.", http_status=answer.status_code)
        if not sniffed:
            refuse_binary_content(bytes(body), content_type, url)
        return bytes(body)

    def first(self, count: int) -> bytes:
        """Returns the first `count` bytes of an answer of any type; there may be fewer, or none."""
        self._raise_for_status()
        body = bytearray()
        for piece in self._decoded():
            body += piece
            if len(body) >= count:
                break
        return bytes(body[:count])

    def gzip_of(self, body: bytes) -> bytes | None:
        """Returns the bytes that were read if they are gzip of `body` and shorter, else None.

        RFC 1952: gzip ends with the checksum of what it holds, and with its length.
        """
        end = struct.pack("<II", zlib_ng.crc32(body), len(body))
        is_gzip = self.wire.startswith(GZIP) and self.wire.endswith(end) and len(self.wire) < len(body)
        return bytes(self.wire) if is_gzip else None

    def _raise_for_status(self) -> None:
        retry_after = self._answer.headers.get("retry-after")
        failure = failure_of_status(self._answer.status_code, self._url, retry_after=retry_after)
        if failure is not None:
            raise failure

    def _is_gzip_file(self) -> bool:
        return urlsplit(self._url).path.lower().endswith(".gz")

    def _unpacked(self) -> Iterator[bytes]:
        pieces = self._decoded()
        if not self._is_gzip_file():
            return pieces
        head = b""
        for piece in pieces:
            head += piece
            if len(head) >= len(GZIP):
                break
        whole = chain([head] if head else [], pieces)
        if not head.startswith(GZIP):
            return whole
        return decode_body(whole, coding="gzip", max_bytes=self._max_bytes, url=self._url)

    def _decoded(self) -> Iterator[bytes]:
        coding = self._answer.headers.get("content-encoding")
        return decode_body(self._chunks(), coding=coding, max_bytes=self._max_bytes, url=self._url)

    def _chunks(self) -> Iterator[bytes]:
        for chunk in self._answer.iter_raw():
            self.wire += chunk
            yield chunk
