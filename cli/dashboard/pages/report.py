"""The report of `depeche inspect` on an archived page, which is read in a process of its own."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import msgspec

from cli.dashboard.pages.reading_again import TOLD
from cli.settings import CliSettings
from cli.stack.stack import home_of_stack
from services.fetcher.settings import FetcherSettings
from shared.failures import UserError
from shared.settings import load_settings

# The file's name and the record's offset, as visits have them. A name with a folder in it is none of Depeche's.
PLACE = re.compile(r"(?P<name>[^/\\:+\x00]+):(?P<offset>\d{1,15})")
# A page may take `DEPECHE_PARSE_TIMEOUT` of CPU time; after so many seconds (s) nobody waits for it any more.
PATIENCE_S = 60.0
# The policy that the report itself states, in its head.
POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]+)"')

# What the process that reads a stranger's page has no use for.
SECRETS = frozenset({"DEPECHE_DATABASE_URL", "DEPECHE_REDIS_URL", "DEPECHE_DASHBOARD_PASSWORD"})

# One page is read at a time: whoever opens twenty reports waits, and the machine does not notice.
_turn = threading.Lock()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """An HTML document, and the Content-Security-Policy under which it is to be shown."""

    html: str
    policy: str


def archive_folder(settings: CliSettings) -> Path:
    """Return the folder in which the fetcher keeps its WARC files, as far as this process can tell."""
    return load_settings(FetcherSettings).archive or home_of_stack(settings) / "archive"


def archived_file(settings: CliSettings, place: str) -> str | None:
    """Return `path:offset` of a record in the archive, or None where its file is not there."""
    named = PLACE.fullmatch(place)
    if named is None or named["name"] in {".", ".."}:
        return None
    path = archive_folder(settings) / named["name"]
    return f"{path}:{named['offset']}" if path.is_file() else None


def report_of(record: str) -> Report:
    """Return the report on the page at `path:offset`; raises UserError with the reason where there is none."""
    with _turn:
        try:
            done = subprocess.run(
                [sys.executable, "-m", "cli.dashboard.pages.reading_again", record],
                env={name: value for name, value in os.environ.items() if name not in SECRETS},
                capture_output=True,
                timeout=PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise UserError(f"To read the page took longer than {PATIENCE_S:g} s; it was given up.") from error
    if done.returncode == TOLD:
        raise UserError(f"The page cannot be read: {done.stderr.decode('utf-8', 'replace')}")
    if done.returncode:
        raise UserError(f"The process that reads the page ended with status {done.returncode}.")
    html = done.stdout.decode()
    policy = POLICY.search(html)
    if policy is None:
        raise TypeError("the report states no policy")
    return Report(html=html, policy=policy[1])
