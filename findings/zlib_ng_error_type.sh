#!/usr/bin/env bash
# zlib-ng's types say that `zlib_ng.error` is an exception that exists; it is a class, as the standard library's is.
#
# Versions   zlib-ng 1.1.0, mypy 2.4.1, Python 3.11; seen on 2026-12-01.
# Input      The same function twice, once with `zlib` and once with `zlib_ng`, which its manual calls a drop-in
#            replacement and which ships types (PEP 561): it inflates a stream, and returns None where that is damaged.
# Behaviour  Both return None at run time. mypy passes the one with zlib, and reports the `except` of the other: the types
#            have `error: Exception`, an instance, and typeshed has `class error(Exception)` for zlib.
# Tracker    No report of it was found.
# Output     as in `expected` below.
# Therefore  Cast it (`cast(type[Exception], zlib_ng.error)`) rather than switch the check off for the whole clause.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check zlib-ng==1.1.0 mypy==2.4.1

cd "$folder"
cat > by_zlib.py <<'PY'
import zlib


def inflated(stream: bytes) -> bytes | None:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return None


print(type(zlib.error).__name__, inflated(zlib.compress(b"tide")), inflated(b"no stream"))
PY
sed 's/import zlib/import zlib\n\nfrom zlib_ng import zlib_ng/; s/zlib\.decompress/zlib_ng.decompress/; s/zlib\.error/zlib_ng.error/' by_zlib.py > by_zlib_ng.py

seen=$(for module in by_zlib by_zlib_ng; do
    echo "$module: $(venv/bin/python -I "$module.py")"
    venv/bin/mypy --no-incremental "$module.py" | sed 's/ (checked.*//' || true
done)
expected="by_zlib: type b'tide' None
Success: no issues found in 1 source file
by_zlib_ng: type b'tide' None
by_zlib_ng.py:9: error: Exception type must be derived from BaseException (or be a tuple of exception classes)  [misc]
Found 1 error in 1 file"

echo "$seen"
[[ $seen == "$expected" ]] || { echo "CHANGED: expected" >&2; echo "$expected" >&2; exit 1; }
