"""What the head of a WARC record says of its length."""

import re

# Room for the headers of WARC and HTTP.
HEAD_BYTES = 262_144
# Two empty lines end a record; some writers add a few more.
TRAILING_BYTES = 16
CONTENT_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)


def record_length(content: bytes | bytearray) -> int | None:
    """Returns the length of the record that begins the bytes, without the empty lines after it; None if unknown."""
    head_end = content.find(b"\r\n\r\n", 0, HEAD_BYTES)
    length = CONTENT_LENGTH.search(content, 0, max(head_end + 2, 0))
    return None if length is None else head_end + 4 + int(length[1])
