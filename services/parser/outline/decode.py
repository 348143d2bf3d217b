"""Which text do these bytes hold? Bytes that cannot be a page at all are given up here.

The order is not the one of the HTML standard, because pages lie about their encoding in one direction: they declare
Latin-1 or nothing and send UTF-8. Bytes that are valid UTF-8 with at least one multi-byte sequence are UTF-8, whatever
they declare. Only for other bytes is the declaration believed, and only without a declaration is the encoding guessed.
"""

import codecs
import re
from collections.abc import Callable
from itertools import product

import cchardet
import msgspec
from w3lib.encoding import http_content_type_encoding, resolve_encoding

from services.parser import native
from services.parser.native.nasty import NASTY
from shared.failures import GiveUp
from shared.signatures import file_kind

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_TEXTUAL = re.compile(r"^(text/|application/(.*\+)?(xml|json|xhtml|rss|atom|octet-stream|unknown)|\*|$)", re.I)
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-z0-9_:.-]+)|<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-z0-9_:.-]+)""",
    re.I,
)
_SOME_TAG = re.compile(rb"<(?:!doctype|html|head|body|div|p|a|meta)[\s>]", re.I)
_DECLARATION_WITHIN = 8192  # The standard says 1,024; pages that inline styles first declare later.
_SAMPLE = 65536  # Bytes for the guess; more of them cost time and change no answer on the corpus.
_BINARY_SHARE = 0.1  # A larger share of control bytes in the sample makes it binary, ...
_STRAY_BYTES = 16  # ... if there are more than these; text in any eight-bit encoding has next to none.
_FIRST_TAG_WITHIN = 64

_CONTROL_BYTES = bytes([*range(0x09), 0x0B, *range(0x0E, 0x20)])


class Decoded(msgspec.Struct, frozen=True, gc=False):
    """A page as UTF-8 and as text. `utf8` is the body itself where possible, because encoding costs time."""

    utf8: bytes
    known_text: str | None = None

    @property
    def text(self) -> str:
        """Returns the text; where nothing has needed it yet, it is made now, and not kept."""
        return self.utf8.decode("utf-8") if self.known_text is None else self.known_text


def decode_page(body: bytes, content_type: str | None = None) -> str:
    """Returns the page as text that UTF-8 can carry, without NULs. Raises GiveUp if the body is empty or not text."""
    return decode(body, content_type).text


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Returns the text that `decode_page` returns, and the same text as UTF-8. Raises GiveUp as `decode_page` does."""
    if not body or body.isspace():
        raise GiveUp("empty_body", "The response has no content.", fate="refused")
    stray = has_control_bytes(body)
    text = _from_bom(body)
    if text is None:
        _refuse_binary(body, content_type, stray)
        if not stray and (strict := as_utf8(body)) is not None:
            return strict
        text = _from_utf16_without_bom(body) or _from_utf8(body) or _as_declared_or_guessed(body, content_type)
    return _cleaned(text)


def has_control_bytes_in_python(body: bytes) -> bool:
    """Whether there is a byte that text does not have."""
    # A search for each control byte takes half the time of one translation, a tenth of that of a regular expression.
    return any(map(body.__contains__, _CONTROL_BYTES))


def _cleaned(text: str) -> Decoded:
    """Remove NULs, other control characters, byte order marks and lone surrogates; on bytes, where that is cheap."""
    utf8 = text.encode("utf-8", "replace").translate(None, _CONTROL_BYTES).replace(codecs.BOM_UTF8, b"")
    return Decoded(utf8, utf8.decode("utf-8"))


def _from_bom(body: bytes) -> str | None:
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :].decode(encoding, "replace")
    return None


def _refuse_binary(body: bytes, content_type: str | None, stray: bool) -> None:
    if kind := file_kind(body):
        raise GiveUp("unsupported_type", f"The content is {kind}, not a page.", fate="refused")
    media_type = (content_type or "").partition(";")[0].strip()
    if (stray and _is_mostly_control(body)) or (not _TEXTUAL.match(media_type) and b"<" not in body[:_SAMPLE]):
        raise GiveUp(
            "unsupported_type", f"The content is not text (declared: {media_type or 'nothing'}).", fate="refused"
        )


def _is_mostly_control(body: bytes) -> bool:
    sample = body[:_SAMPLE]
    ignored = b"\x00" if _SOME_TAG.search(sample) else b""  # broken software pads markup with NULs
    strange = len(sample) - len(sample.translate(None, _CONTROL_BYTES)) - sample.count(ignored) * len(ignored)
    return strange > max(_STRAY_BYTES, _BINARY_SHARE * len(sample)) and _from_utf16_without_bom(body) is None


def as_utf8_in_python(body: bytes) -> Decoded | None:
    """Returns a body that is UTF-8 without byte order marks as it is, None for another."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return Decoded(body, text) if "\ufeff" not in text else None


def _from_utf16_without_bom(body: bytes) -> str | None:
    """Returns the text of UTF-16 markup, which shows a NUL beside its first angle bracket; None for other bytes."""
    at = body.find(b"<", 0, _FIRST_TAG_WITHIN)
    if at < 0:
        return None
    little = at % 2 == 0 and body[at + 1 : at + 2] == b"\x00"
    big = at % 2 == 1 and body[at - 1 : at] == b"\x00"
    if not (little or big):
        return None
    text = body.decode("utf-16-le" if little else "utf-16-be", "replace")
    return text if text.count("\ufffd") * 100 < len(text) else None


def _from_utf8(body: bytes) -> str | None:
    if b"\x1b" in body and b"\x1b$" in body:  # ISO-2022 writes Japanese in ASCII bytes
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        return _mostly_utf8(body, error)


def _mostly_utf8(body: bytes, error: UnicodeDecodeError) -> str | None:
    """Returns the text of UTF-8 with a few broken characters or a cut at the end; None for other bytes.

    One broken character does not make a UTF-8 page a Latin-1 page.
    """
    if len(body) - error.start < 4:
        return body[: error.start].decode("utf-8")
    text = body.decode("utf-8", "replace")
    multi_byte = sum(1 for character in text[:_SAMPLE] if character > "\x7f" and character != "\ufffd")
    broken = text.count("\ufffd", 0, _SAMPLE) or text.count("\ufffd")
    return text if multi_byte > 10 * broken else None


def _as_declared_or_guessed(body: bytes, content_type: str | None) -> str:
    head = body[:_DECLARATION_WITHIN]
    labels = [http_content_type_encoding(content_type)] if content_type else []
    labels += [(found[1] or found[2]).decode("ascii") for found in _DECLARED.finditer(head)]
    for label in labels:
        encoding = resolve_encoding(label) if label else None
        if encoding and not encoding.startswith("utf"):
            return body.decode(encoding, "replace")
    guess = cchardet.detect(body[:_SAMPLE]).get("encoding")
    encoding = resolve_encoding(guess) if guess else None
    return body.decode(encoding or "cp1252", "replace")


def search_alike(one: Callable[[bytes], bool], other: Callable[[bytes], bool]) -> bool:
    """Whether two searches find the same bytes, wherever they stand."""
    page = NASTY.encode()
    pages = [
        page,
        *(bytes([byte]) for byte in range(256)),
        *(page[:at] + bytes([at % 40]) + page[at:] for at in range(80)),
    ]
    return all(one(body) == other(body) for body in pages)


def utf8_alike(one: Callable[[bytes], Decoded | None], other: Callable[[bytes], Decoded | None]) -> bool:
    """Whether two functions take the same bytes for UTF-8, at the bounds that its standard sets."""
    page = NASTY.encode()
    pages = [page, page * 3, b"", codecs.BOM_UTF8, page + codecs.BOM_UTF8, b"\xef\xbb\xbe", page + b"\xc3"]
    pages += [page[:at] + bytes([byte]) + page[at:] for at in range(9) for byte in (0x80, 0xC3, 0xFF)]
    seconds, ends = b"\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0", (b"", b"\x80", b"\xbf\x80", b"\x80a")
    pages += [bytes(pair) + end for pair in product(range(0xC0, 0x100), seconds) for end in ends]
    return all(_told(one(body)) == _told(other(body)) for body in pages)


def _told(decoded: Decoded | None) -> tuple[bytes, str] | None:
    return None if decoded is None else (decoded.utf8, decoded.text)


as_utf8 = native.faster("UTF-8", as_utf8_in_python, lambda compiled: compiled.StrictUtf8(Decoded), utf8_alike)

has_control_bytes = native.faster(
    "control bytes", has_control_bytes_in_python, lambda compiled: compiled.ByteSearch(_CONTROL_BYTES), search_alike
)
