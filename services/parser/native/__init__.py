"""Which of the parser's functions run compiled? Those that `make native` built, if they do what their twins do.

The compiled module is optional: each of its functions has a twin in Python that gives the same to the last bit, and the
twin runs where the module was not built, is not made from this checkout or for this version of selectolax, fails its
self-test, or is switched off by DEPECHE_NATIVE=0. That one setting is read at import, because what it chooses is
chosen at import: a function must not change while the parser works.
"""

import hashlib
import importlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import structlog
from pydantic import ValidationError

from services.parser.settings import NativeSettings

log = structlog.get_logger()

# Set by make native, in the environment's site-packages; its sources stand in the folder beside this file.
MODULE = "depeche_native"
SOURCES = Path(__file__).parent / "compiled"

Step = TypeVar("Step", bound=Callable[..., Any])


def fingerprint() -> str:
    """Returns what the compiled module must have been made from: a hash of the sources in this checkout."""
    files = sorted(path for path in SOURCES.iterdir() if path.suffix in {".pyx", ".pxi", ".h"})
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()


def _loaded() -> tuple[ModuleType | None, str]:
    """Returns the compiled module, or None and why it is not used."""
    if not _is_wanted():
        return None, "switched off by DEPECHE_NATIVE"
    try:
        module = importlib.import_module(MODULE)
    except ImportError as error:
        return None, "not built" if isinstance(error, ModuleNotFoundError) else f"cannot be loaded: {error}"
    if fingerprint() != module.SOURCES:
        return None, "built from other sources; run make native"
    if version("selectolax") != module.SELECTOLAX:
        return None, f"built for selectolax {module.SELECTOLAX}; run make native"
    return module, ""


def _is_wanted() -> bool:
    try:
        return NativeSettings().native
    except (ValidationError, OSError, UnicodeDecodeError):
        return False  # Whoever starts the parser is told what is wrong with the setting when all of them are checked.


_module, _why_not = _loaded()
_chosen: list[str] = []


def faster(name: str, pure: Step, make: Callable[[Any], Step], alike: Callable[[Step, Step], bool]) -> Step:
    """Returns the compiled twin of a function, which `make` takes from the module; the function itself without one.

    The twin must be `alike` in a self-test, or nothing compiled is used from here on.
    """
    global _module, _why_not
    if _module is None:
        return pure
    try:
        twin = make(_module)
        failed = None if alike(pure, twin) else "differs from its twin in Python"
    except Exception as error:  # noqa: BLE001 (whatever is wrong with it, there is a twin)
        failed = f"{type(error).__name__}: {error}"
    if failed is not None:
        _module, _why_not = None, f"{name} failed its self-test: {failed}"
        return pure
    _chosen.append(name)
    return twin


def used() -> list[str]:
    """Returns the names of the functions that run compiled."""
    return list(_chosen)


def why_not() -> str:
    """Returns why functions do not run compiled; empty if they do."""
    return _why_not


def tell() -> None:
    """Log once what runs compiled, or why nothing does."""
    log.info("parser_native", compiled=used(), why_not=why_not() or None)
