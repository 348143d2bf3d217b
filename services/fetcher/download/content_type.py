"""Is this a page that the parser can read?

The declared Content-Type is judged first, since that can spare the download; then the first bytes, since servers err. A
page is HTML, XML (feeds, sitemaps), JSON (JSON Feed) or plain text. Bytes without a declared type are judged by the
WHATWG's MIME Sniffing standard: text does not contain binary data bytes.
"""

from services.fetcher.errors import Refused
from shared.signatures import file_kind

SNIFFED_BYTES = 1445  # The resource header of the MIME Sniffing standard.

PAGE_TYPES = frozenset({"application/json", "application/xml", "text/html", "text/json", "text/plain", "text/xml"})
# These endings cover XHTML, RSS, Atom, RDF and JSON Feed under all their names; but image/svg+xml is an image.
PAGE_SUFFIXES = ("+xml", "+json")
# Types that servers declare when they do not know the type.
UNKNOWN_TYPES = frozenset({"", "application/octet-stream", "application/unknown", "binary/octet-stream", "*/*"})

UNICODE_MARKS = (b"\xef\xbb\xbf", b"\xfe\xff", b"\xff\xfe")
BINARY_DATA_BYTES = bytes(
    code for code in range(0x20) if code <= 0x08 or code == 0x0B or 0x0E <= code <= 0x1A or code >= 0x1C
)


def refuse_declared_type(content_type: str | None, url: str) -> None:
    """Raise Refused(unsupported_type) where the Content-Type alone shows that this is not a page."""
    declared = _essence(content_type)
    named_by_suffix = declared.endswith(PAGE_SUFFIXES) and not declared.startswith("image/")
    if declared not in PAGE_TYPES | UNKNOWN_TYPES and not named_by_suffix:
        raise Refused("unsupported_type", f"{url} is {declared}; Depeche reads HTML, XML, JSON and plain text.")


def refuse_binary_content(head: bytes, content_type: str | None, url: str) -> None:
    """Raise Refused(unsupported_type) where the first bytes are those of an image, an archive, ..."""
    if head.startswith(UNICODE_MARKS):
        return
    # Declared text is refused only for a signature, not for a stray control character, which real pages do contain.
    kind = file_kind(head)
    if kind is None and _essence(content_type) in UNKNOWN_TYPES and _has_binary_data(head):
        kind = "binary data"
    if kind is not None:
        declared = f"though declared as {content_type}" if content_type else "and has no Content-Type"
        raise Refused("unsupported_type", f"{url} is {kind}, {declared}; Depeche reads HTML, XML, JSON and plain text.")


def _essence(content_type: str | None) -> str:
    """Returns the type without its parameters, or "" (unknown) where it does not have the form type/subtype."""
    essence = (content_type or "").split(";")[0].split(",")[0].strip().lower()
    return essence if "/" in essence else ""


def _has_binary_data(head: bytes) -> bool:
    sample = head[:SNIFFED_BYTES]
    return len(sample.translate(None, BINARY_DATA_BYTES)) < len(sample)
