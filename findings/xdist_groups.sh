#!/usr/bin/env bash
# pytest-xdist deals out the tests of one group to several processes, although --dist loadgroup is asked for.
#
# Versions   pytest-xdist 3.8.0 with pytest 9.2.0 and with pytest 8.4.2, Python 3.11; seen on 2026-11-30.
# Input      Two files whose tests all carry @pytest.mark.xdist_group("one"), run with -n 2 --dist loadgroup.
# Behaviour  The manual says that tests of one group run in the same process. xdist writes the group into the item's
#            `_nodeid`. With pytest 8.4.2 that is the name by which it is dealt out, and one process runs all; with
#            pytest 9.2.0 nothing reads it any more, and both processes run some. No warning says so.
# Output     as in `expected` below: how many processes have run tests of the group.
# Therefore  What must not run side by side needs a scheduler of its own, or --dist loadfile.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for name in first second; do
    cat > "$folder/test_$name.py" <<'PY'
import os, time
import pytest

pytestmark = pytest.mark.xdist_group("one")


@pytest.mark.parametrize("number", range(5))
def test_number(number):
    open(os.environ["SEEN"], "a").write(os.environ["PYTEST_XDIST_WORKER"] + "\n")
    time.sleep(0.1)
PY
done

seen=
for version in 8.4.2 9.2.0; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/python" -m pip install --quiet --disable-pip-version-check pytest==$version pytest-xdist==3.8.0
    SEEN="$folder/seen-$version" "$folder/$version/bin/python" -m pytest -q -n 2 --dist loadgroup -p no:cacheprovider \
        --rootdir "$folder" "$folder"/test_*.py >/dev/null
    seen+="pytest $version: $(sort -u "$folder/seen-$version" | wc -l) of 2 processes"$'\n'
done
expected='pytest 8.4.2: 1 of 2 processes
pytest 9.2.0: 2 of 2 processes
'

printf '%s' "$seen"
[[ $seen == "$expected" ]] || { echo "CHANGED: expected" >&2; printf '%s' "$expected" >&2; exit 1; }
echo "as seen"
