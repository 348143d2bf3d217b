#!/usr/bin/env bash
# FastWARC's record types are described as an IntFlag, but cannot be counted, nor be keys or members of a set.
#
# Versions   FastWARC 2.0.1, Python 3.11; seen on 2026-11-30.
# Input      Two WARC 1.0 records, as the specification shows them. The package's own description of its types (warc.pyi)
#            says `class WarcRecordType(IntFlag)`; members of an IntFlag are integers and hashable.
# Behaviour  At runtime the class is none: its members equal integers and combine with |, but are no instances of int and
#            have no hash. A type checker passes Counter(record.record_type for ...), which then raises TypeError.
# Tracker    No report of it was found.
# Output     as in `expected` below: int(record.record_type) and the header WARC-Type can be counted, the type cannot.
# Therefore  Compare record types with == alone, or use the header WARC-Type where records are counted or looked up.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check fastwarc==2.0.1

seen=$("$folder/bin/python" -I - <<'PY'
import io
from collections import Counter

from fastwarc.warc import ArchiveIterator, WarcRecordType

record = (
    "WARC/1.0\r\nWARC-Type: {0}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-00000000000{1}>\r\n"
    "WARC-Date: 2025-05-08T10:00:00Z\r\nWARC-Target-URI: https://harbour.example/\r\nContent-Type: text/plain\r\n"
    "Content-Length: 5\r\n\r\nHello\r\n\r\n"
)
file = (record.format("resource", 1) + record.format("conversion", 2)).encode()


def count(key):
    try:
        return sorted(Counter(key(record) for record in ArchiveIterator(io.BytesIO(file))).values())
    except TypeError as error:
        return f"TypeError: {error}"


print("header", count(lambda record: record.headers["WARC-Type"]))
print("int", count(lambda record: int(record.record_type)))
print("type", count(lambda record: record.record_type))
print("is an int", isinstance(WarcRecordType.resource, int))
print("equals an int", WarcRecordType.resource == int(WarcRecordType.resource))
PY
)
expected="header [1, 1]
int [1, 1]
type TypeError: unhashable type: 'fastwarc.warc.WarcRecordType'
is an int False
equals an int True"

echo "$seen"
[[ $seen == "$expected" ]] || { echo "CHANGED: expected" >&2; echo "$expected" >&2; exit 1; }
echo "as seen"
