"""What is a file that is no WARC file? Its first bytes tell, and its reader is told what to do with it."""

import re
import zlib

import zstandard

from shared.signatures import GZIP, file_kind

HEAD = 4096
WARC_START = re.compile(rb"WARC/1\.")
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
EMPTY = "an empty file"
# Each pattern of a file's first bytes, unpacked where gzip or Zstandard packed them, and what is said of the file.
KINDS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"filedesc://"), "an ARC file, which came before WARC; `warcio recompress` makes a WARC file of it"),
    (re.compile(rb"WARC/(0\.\d+)"), "a WARC file of a draft of the format ({0}); 1.0 and 1.1 are read"),
    (re.compile(rb"WARC/([\d.]{1,9})"), "a WARC file of version {0}; 1.0 and 1.1 are read"),
    (re.compile(rb"\x04\x22\x4d\x18|\x02\x21\x4c\x18"), "compressed with LZ4; `lz4 -d` unpacks it"),
    (re.compile(rb"BZh\d"), "compressed with bzip2; `bzip2 -d` unpacks it"),
    (re.compile(rb"\xfd7zXZ\x00"), "compressed with xz; `xz -d` unpacks it"),
    (re.compile(rb".{257}ustar", re.DOTALL), "a tar archive; `tar -x` unpacks it"),
    (re.compile(rb'\s*\{[^\x00]{0,200}?"log"\s*:\s*\{'), "a HAR file of a browser; `har2warc` makes a WARC file of it"),
    (
        re.compile(rb" ?CDX [A-Za-z] |[^\s()]{1,500}\)/\S* \d{14} |!meta \d|!OpenWayback-CDXJ"),
        "an index of WARC files (CDX), which holds no pages; the WARC files that it names do",
    ),
    (re.compile(rb"\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE), "an HTML page, no archive of pages"),
    (re.compile(rb"\s*<(?:\?xml|!doctype|rss|feed)\b", re.IGNORECASE), "an XML file, no archive of pages"),
    (
        re.compile(rb"(?:From: <Saved by|MIME-Version:|[^\n]{0,200}\r?\nMIME-Version:)", re.IGNORECASE),
        "a page saved as MHTML",
    ),
    (re.compile(rb"PAR1"), "a Parquet file"),
    (re.compile(rb"SQLite format 3\x00"), "an SQLite database"),
    (re.compile(rb"version https://git-lfs"), "a pointer of Git LFS, which stands for a file not fetched yet"),
)
UNICODE_MARK = b"\xef\xbb\xbf"


def other_kind(head: bytes) -> str | None:
    """Returns what the file is that begins with these bytes, if it is known to be no WARC file; None otherwise."""
    if not head:
        return EMPTY
    plain = _unpacked(head).removeprefix(UNICODE_MARK)
    if not plain or WARC_START.match(plain):
        return None
    for pattern, kind in KINDS:
        if found := pattern.match(plain):
            return kind.format(*(group.decode("ascii") for group in found.groups()))
    return file_kind(plain)


def _unpacked(head: bytes) -> bytes:
    """Returns the first bytes of what gzip or Zstandard packed, none where that is damaged; others as they are."""
    try:
        if head.startswith(GZIP):
            return zlib.decompressobj(wbits=31).decompress(head, HEAD)
        if head.startswith(b"\x28\xb5\x2f\xfd"):
            return zstandard.ZstdDecompressor().stream_reader(head).read(HEAD)
    except (zlib.error, zstandard.ZstdError):
        return b""
    return head
