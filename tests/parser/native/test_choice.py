"""The compiled functions run only where they are what this checkout wants, and give what their twins give."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.parser import native

ROOT = Path(__file__).parents[3]
TOLD = """
import sys, types
module = types.ModuleType("depeche_native")
{setup}
sys.modules["depeche_native"] = module
import services.parser.page
from services.parser import native
print(native.used(), native.why_not())
"""
OURS = "from importlib.metadata import version; module.SELECTOLAX = version('selectolax')"
FRESH = (
    "import hashlib, pathlib; files = sorted(p for p in pathlib.Path('services/parser/native/compiled').iterdir()"
    " if p.suffix in {'.pyx', '.pxi', '.h'});"
    "module.SOURCES = hashlib.sha256(b''.join(p.name.encode() + p.read_bytes() for p in files)).hexdigest()"
)


def told(setup: str, **environment: str) -> str:
    """What is used and why not, where the compiled module is what `setup` makes of it."""
    command = [sys.executable, "-c", TOLD.format(setup=setup)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "DEPECHE_NATIVE": "", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_module_of_other_sources_is_not_used() -> None:
    assert told(f"{OURS}; module.SOURCES = 'older'") == "[] built from other sources; run make native"


def test_a_module_for_another_selectolax_is_not_used() -> None:
    assert told(f"{FRESH}; module.SELECTOLAX = '0.9'") == "[] built for selectolax 0.9; run make native"


def test_it_can_be_switched_off() -> None:
    assert told(f"{OURS}; {FRESH}", DEPECHE_NATIVE="0") == "[] switched off by DEPECHE_NATIVE"


def test_a_wrong_setting_is_left_to_who_checks_the_settings() -> None:
    assert told(f"{OURS}; {FRESH}", DEPECHE_NATIVE="maybe") == "[] switched off by DEPECHE_NATIVE"


def test_a_function_that_gives_something_else_is_not_used() -> None:
    count = "module.ByteCount = lambda byte: len"
    assert told(f"{OURS}; {FRESH}; {count}") == "[] tags failed its self-test: differs from its twin in Python"


def test_a_function_that_fails_is_not_used() -> None:
    assert told(f"{OURS}; {FRESH}").startswith("[] tags failed its self-test: AttributeError: ")


def test_what_runs_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    native.tell()
    assert capsys.readouterr().out.count("parser_native") == 1
