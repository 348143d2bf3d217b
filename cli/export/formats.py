"""The formats of an export: how rows become bytes. Parquet has a module of its own, since its library is large."""

import contextlib
import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec
import zstandard

from cli.export.reading import Column, Values
from cli.export.target import Counted

Write = Callable[[Sequence[Values]], None]

# By the ending of a file's name.
COMPRESSED: dict[str, Callable[[Any], AbstractContextManager[Any]]] = {
    ".gz": lambda to: gzip.GzipFile(fileobj=to, mode="wb", compresslevel=6),
    ".zst": lambda to: zstandard.ZstdCompressor().stream_writer(to, closefd=False),
}


@contextlib.contextmanager
def json_lines(to: Counted, columns: Sequence[Column], ending: str) -> Iterator[Write]:
    """Write one JSON object per line, in UTF-8, with times as in RFC 3339 and jsonb as it is.

    The ending of the file's name says how the file is compressed.
    """
    names = [column.name for column in columns]
    documents = [place for place, column in enumerate(columns) if column.type == "jsonb"]
    encode_lines = msgspec.json.Encoder().encode_lines

    def as_object(values: Values) -> dict[str, Any]:
        row = dict(zip(names, values, strict=True))
        for place in documents:
            if values[place] is not None:
                row[names[place]] = msgspec.Raw(values[place])
        return row

    with COMPRESSED.get(ending, contextlib.nullcontext)(to) as file:

        def write(rows: Sequence[Values]) -> None:
            file.write(encode_lines([as_object(values) for values in rows]))

        yield write
