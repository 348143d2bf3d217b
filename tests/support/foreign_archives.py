"""Archives as other crawlers write them, written byte by byte: WARC records, Zstandard files, WACZ files."""

import gzip
import io
import json
import struct
import uuid
import zipfile
from collections.abc import Iterable
from pathlib import Path

import zstandard

STORY = "<html><title>Liman açıldı</title><p>Liman bugün yeniden açıldı. Vapurlar öğleden sonra kalkacak.</p></html>"
AT = "2025-05-08T10:00:00Z"
DICTIONARY, PADDING = 0x184D2A5D, 0x184D2A53


def record(kind: str, block: bytes, *, version: str = "1.0", **fields: str) -> bytes:
    """A record of this type; `Target_URI` is the field WARC-Target-URI, `Content_Type` is Content-Type."""
    named = {"Date": AT, "Record_ID": f"<urn:uuid:{uuid.uuid4()}>", **fields}
    lines = [f"WARC/{version}", f"WARC-Type: {kind}"]
    for name, value in named.items():
        prefix = "" if name.startswith("Content_") else "WARC-"
        lines.append(f"{prefix}{name.replace('_', '-')}: {value}")
    head = "\r\n".join([*lines, f"Content-Length: {len(block)}", "", ""])
    return head.encode() + block + b"\r\n\r\n"


def answer(url: str, body: bytes = STORY.encode(), *, status: str = "200 OK", **fields: str) -> bytes:
    """A response; wget and others write its address between < and >."""
    http = f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n".encode() + body
    return record("response", http, Target_URI=url, Content_Type="application/http;msgtype=response", **fields)


def gzipped(records: Iterable[bytes]) -> bytes:
    """Each record a member, as the format wants it."""
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def skippable(magic: int, content: bytes) -> bytes:
    """A frame that a decoder of Zstandard passes over."""
    return struct.pack("<II", magic, len(content)) + content


def zstandard_file(records: list[bytes], *, dictionary: str | None = None, frames: int = 1) -> bytes:
    """As ArchiveTeam's wget-at writes it; `dictionary` is "plain", "compressed" or "missing"."""
    trained = zstandard.train_dictionary(1024, [one[:400] for one in records] * 40) if dictionary else None
    pack = zstandard.ZstdCompressor(dict_data=trained, write_checksum=True).compress
    head = b""
    if trained and dictionary != "missing":
        content = trained.as_bytes()
        if dictionary == "compressed":
            content = zstandard.ZstdCompressor(write_checksum=True).compress(content)
        head = skippable(DICTIONARY, content)
    parts = [
        pack(one[len(one) * part // frames : len(one) * (part + 1) // frames])
        for one in records
        for part in range(frames)
    ]
    return head + skippable(PADDING, b"padding").join(parts)


def wacz(warcs: dict[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> bytes:
    """As py-wacz and Browsertrix write it: archive/, pages/, indexes/ and datapackage.json."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in warcs.items():
            archive.writestr(name, content, compression)
        archive.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n', zipfile.ZIP_DEFLATED)
        archive.writestr("indexes/index.cdx.gz", gzip.compress(b"example,liman)/ 20250508100000 {}\n"))
        package = {"profile": "data-package", "wacz_version": "1.1.1", "resources": []}
        archive.writestr("datapackage.json", json.dumps(package), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def saved(folder: Path, name: str, content: bytes) -> Path:
    """The file with this content."""
    path = folder / name
    path.write_bytes(content)
    return path
