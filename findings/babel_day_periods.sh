#!/usr/bin/env bash
# Babel's table of wide day periods has no am and pm in languages in which CLDR inherits them from another width.
#
# Versions   Babel 2.19.0, Python 3.11; seen on 2026-11-30.
# Input      Locale(language).day_periods["format"]["wide"], which a program that reads a clock with a word asks for.
# Behaviour  The table has what the locale's own file says under that width, and not what CLDR's rules of inheritance add.
#            In these eight languages "wide" has no am and pm, and "abbreviated" has both; in English both have them.
# Output     as in `expected` below: for each language whether am and pm are in "wide" and in "abbreviated".
# Therefore  Words before and after a clock are better collected from all widths and contexts of a locale.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check babel==2.19.0

seen=$("$folder/bin/python" -I - <<'PY'
from babel import Locale

for language in ("en", "de", "hi", "zh", "el", "sw", "vi", "bn", "fi"):
    periods = Locale(language).day_periods["format"]
    print(language, *({"am", "pm"} <= set(periods.get(width, {})) for width in ("wide", "abbreviated")))
PY
)
expected='en True True
de False True
hi False True
zh False True
el False True
sw False True
vi False True
bn False True
fi False True'

echo "$seen"
[[ $seen == "$expected" ]] || { echo "CHANGED: expected" >&2; echo "$expected" >&2; exit 1; }
echo "as seen"
