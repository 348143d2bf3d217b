"""Rows as a Parquet file. It is imported only to write one, since the library takes memory and time to load."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from cli.export.formats import Write
from cli.export.reading import Column, Values
from cli.export.target import Counted

# A row group is held in memory until it is written. Larger ones are read no faster, since texts fill them.
GROUP_BYTES = 32 * 1024 * 1024
GROUP_ROWS = 100_000

# All other types are text. Documents stay JSON, since their shape grows with the parser, and that of a file is fixed.
TYPES = {
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "smallint": pa.int16(),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "boolean": pa.bool_(),
    "text": pa.string(),
    "text[]": pa.list_(pa.string()),
    "bigint[]": pa.list_(pa.int64()),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
}


def schema_of(columns: Sequence[Column]) -> pa.Schema:
    """Return the columns as a file has them."""
    return pa.schema([(column.name, TYPES.get(column.type, pa.string())) for column in columns])


def type_name(of: pa.DataType) -> str:
    """Return a type as Arrow names it, without the name that a list's entries happen to have in a file."""
    return f"list<{of.value_type}>" if pa.types.is_list(of) else str(of)


@contextlib.contextmanager
def parquet(to: Counted, columns: Sequence[Column], facts: Mapping[str, str]) -> Iterator[Write]:
    """Write a Parquet file; its metadata has these facts, and the parser versions of its rows."""
    schema = schema_of(columns)
    file = pq.ParquetWriter(to, schema, compression="zstd")
    try:
        groups = _Groups(file, schema)
        yield groups.write
        groups.flush()
        versions = ",".join(sorted(groups.parser_versions))
        file.add_key_value_metadata({**facts, "depeche.parser_versions": versions})
    except BaseException:
        to.cut_off()
        raise
    finally:
        file.close()


class _Groups:
    """Gathers batches of rows into row groups."""

    def __init__(self, file: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._file = file
        self._schema = schema
        self._parser_version = schema.get_field_index("parser_version")
        self._batches: list[pa.RecordBatch] = []
        self.parser_versions: set[str] = set()

    def write(self, rows: Sequence[Values]) -> None:
        by_column = list(zip(*rows, strict=True))
        arrays = [pa.array(values, of) for values, of in zip(by_column, self._schema.types, strict=True)]
        self._batches.append(pa.record_batch(arrays, schema=self._schema))
        self.parser_versions.update(by_column[self._parser_version])
        if sum(batch.nbytes for batch in self._batches) >= GROUP_BYTES or self._rows >= GROUP_ROWS:
            self.flush()

    def flush(self) -> None:
        if self._batches:
            self._file.write_table(pa.Table.from_batches(self._batches), row_group_size=self._rows)
            self._batches = []

    @property
    def _rows(self) -> int:
        return sum(batch.num_rows for batch in self._batches)
