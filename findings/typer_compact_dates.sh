#!/usr/bin/env bash
# Typer takes a date without hyphens, or a bare year, for seconds since 1970, where it used to refuse it.
#
# Versions   Typer 0.16.0 with click 8.2.1, and Typer 0.29.2 with pydantic 2.14.3, Python 3.11; seen on 2026-11-30.
# Input      A command with an argument of type `datetime` and no `formats`, given 2026-11-20, 20261120 (the basic format
#            of ISO 8601) and 2026.
# Behaviour  0.16.0 tries three formats with hyphens and refuses the other two with status 2. 0.29.2 hands the word to
#            pydantic, which takes a number for Unix seconds: the same command line gives a moment of 1970, with status 0
#            and without a warning, and with a zone (UTC) where the date with hyphens has none.
# Output     as in `expected` below.
# Therefore  An option for a moment names its `formats`, or reads the word itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/since.py" <<'PY'
from datetime import datetime

import typer


def main(since: datetime) -> None:
    print(since.isoformat())


typer.run(main)
PY

seen=
for packages in "typer==0.16.0 click==8.2.1" "typer==0.29.2 pydantic==2.14.3"; do
    version=${packages%% *}
    python3 -m venv "$folder/$version"
    # shellcheck disable=SC2086  # one word a package
    "$folder/$version/bin/python" -m pip install --quiet --disable-pip-version-check $packages
    for word in 2026-11-20 20261120 2026; do
        moment=$("$folder/$version/bin/python" "$folder/since.py" "$word" 2>/dev/null) || moment="refused with status $?"
        seen+="$version: $word: $moment"$'\n'
    done
done
expected='typer==0.16.0: 2026-11-20: 2026-11-20T00:00:00
typer==0.16.0: 20261120: refused with status 2
typer==0.16.0: 2026: refused with status 2
typer==0.29.2: 2026-11-20: 2026-11-20T00:00:00
typer==0.29.2: 20261120: 1970-08-23T12:05:20+00:00
typer==0.29.2: 2026: 1970-01-01T00:33:46+00:00
'

printf '%s' "$seen"
[[ $seen == "$expected" ]] || { echo "CHANGED: expected" >&2; printf '%s' "$expected" >&2; exit 1; }
echo "as seen"
