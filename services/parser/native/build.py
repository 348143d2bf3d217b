"""Build the compiled part of the parser into the environment that runs this.

    python -m services.parser.native.build [--sanitize]

It is made of services/parser/native/compiled/ and of the headers of Lexbor in selectolax's source distribution of the
very version that is installed, which pip fetches by the hash in requirements/parser.txt. Needs Cython
(requirements/native.txt) and a C compiler; nothing else in the repository does. --sanitize builds it with
AddressSanitizer, to be run with LD_PRELOAD=libasan.so PYTHONMALLOC=malloc.
"""

import argparse
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path

from services.parser.native import MODULE, SOURCES, fingerprint

LOCKED = Path("requirements", "parser.txt")
# -fwrapv as Python itself has it, and sums of weights are rounded as Python rounds them. No -march: an image runs on
# other machines than the one that built it.
FLAGS = ["-O3", "-fwrapv", "-ffp-contract=off", "-DLEXBOR_STATIC", "-Wno-unused-function"]
SANITIZED = ["-O1", "-g", "-fsanitize=address", "-fno-omit-frame-pointer"]


def main() -> None:
    """Build, install and try the module."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sanitize", action="store_true", help="with AddressSanitizer")
    flags = FLAGS + (SANITIZED if options.parse_args().sanitize else [])
    with tempfile.TemporaryDirectory() as folder:
        headers = _headers(Path(folder))
        built = _built(Path(folder) / "build", headers, flags)
        installed = Path(sysconfig.get_path("platlib")) / built.name
        # Put in its place as a whole, since parsers that run have the one before in their memory.
        waiting = installed.with_suffix(".new")
        waiting.write_bytes(built.read_bytes())
        waiting.replace(installed)
    print(f"{installed}: built for selectolax {version('selectolax')}.")  # noqa: T201


def _headers(folder: Path) -> Path:
    """Returns the folder with Lexbor's headers of the version of selectolax that is installed."""
    wanted = folder / "selectolax.txt"
    wanted.write_text(_locked("selectolax"))
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += [
        "--no-binary",
        ":all:",
        "--no-build-isolation",
        "--require-hashes",
        "--dest",
        str(folder),
        "-r",
        str(wanted),
    ]
    subprocess.run(command, check=True)
    archive = folder / f"selectolax-{version('selectolax')}.tar.gz"
    if not archive.exists():
        raise SystemExit(f"{LOCKED} locks another version of selectolax than {version('selectolax')}; run make setup.")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return archive.with_suffix("").with_suffix("") / "lexbor" / "source"


def _locked(package: str) -> str:
    """Returns the entry of a package in the lock file, with its hashes."""
    entry = ""
    for line in LOCKED.read_text().splitlines():
        if line.startswith(f"{package}=="):
            entry = line
        elif entry and line.lstrip().startswith("--hash"):
            entry += "\n" + line
        elif entry:
            break
    return entry.rstrip("\\ ") + "\n"


def _built(folder: Path, headers: Path, flags: list[str]) -> Path:
    """Returns the compiled module."""
    from Cython.Build import cythonize  # noqa: PLC0415 (only who builds has it)
    from setuptools import Distribution, Extension  # noqa: PLC0415

    defined = [("NATIVE_SOURCES", f'"{fingerprint()}"'), ("NATIVE_SELECTOLAX", f'"{version("selectolax")}"')]
    extension = Extension(
        MODULE,
        [str(SOURCES / f"{MODULE}.pyx")],
        include_dirs=[str(headers), str(SOURCES)],
        define_macros=defined,
        extra_compile_args=flags,
        extra_link_args=[flag for flag in flags if flag.startswith("-fsanitize")],
    )
    made = cythonize([extension], build_dir=str(folder), include_path=[str(SOURCES)], quiet=True)  # type: ignore[no-untyped-call]
    command = Distribution({"ext_modules": made}).get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(folder / "lib"), str(folder)
    command.ensure_finalized()
    command.run()
    return next((folder / "lib").glob(f"{MODULE}.*"))


if __name__ == "__main__":
    main()
