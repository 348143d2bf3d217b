"""Which first bytes show that a file is not a page, whatever type its server declares?"""

GZIP = b"\x1f\x8b"

# Each signature with a name for the kind of file.
SIGNATURES = (
    (b"%PDF-", "a PDF"),
    (b"%!PS-Adobe-", "PostScript"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"RIFF", "a RIFF file (WebP, WAV, AVI)"),
    (b"ID3", "an MP3 file"),
    (b"OggS", "an Ogg file"),
    (b"\x1aE\xdf\xa3", "a Matroska film"),
    (b"PK\x03\x04", "a zip archive"),
    (GZIP, "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x7fELF", "a program"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
)


def file_kind(head: bytes) -> str | None:
    """Returns the kind of file that begins with these bytes; None where they may be a page."""
    return next((kind for signature, kind in SIGNATURES if head.startswith(signature)), None)
