"""Are the settings, and the files that they name, as they should be?"""

import difflib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic_settings import BaseSettings

from cli.doctor.finding import Finding, fault, warning
from cli.init import EXAMPLES, SETTINGS_EXAMPLE
from cli.settings import CliSettings
from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.file import read_sources
from services.indexer.settings import IndexerSettings, RetentionSettings
from services.parser.settings import ParserSettings
from services.parser.site_rules.rules import load_site_rules
from shared.failures import UserError
from shared.settings import ENV_PREFIX, BrokerSettings, load_settings

ALL: tuple[type[BaseSettings], ...] = (
    BrokerSettings,
    CliSettings,
    FetcherSettings,
    ParserSettings,
    IndexerSettings,
    RetentionSettings,
)
ENV_FILE = Path(".env")
NAME = re.compile(rf"^\s*(?:export\s+)?({ENV_PREFIX}\w+)\s*=", re.MULTILINE)
PASSWORD = re.compile(rf"^\s*(?:export\s+)?{ENV_PREFIX}\w+_URL\s*=.*(://[^/@\s]*:[^/@\s]+@|password=)", re.MULTILINE)


def settings() -> Iterator[Finding]:
    """Look at each setting, at names that are none, and at who may read .env."""
    wrong = list(_wrong())
    yield from wrong
    in_file = _text(ENV_FILE)
    names = {*NAME.findall(in_file), *(name for name in os.environ if name.startswith(ENV_PREFIX))}
    yield from _mistyped(names)
    if PASSWORD.search(in_file) and ENV_FILE.stat().st_mode & 0o077:
        yield warning("settings", f"other users may read {ENV_FILE.resolve()}, which has a password", "chmod 600 .env")
    if not wrong:
        where = f"{ENV_FILE.resolve()} and the environment" if in_file else "the environment; there is no .env here"
        set_here = f"{len(names)} set, in {where}" if names else "none is set, so all have their defaults"
        yield Finding(subject="settings", found=set_here)
        yield from _files()


def _wrong() -> Iterator[Finding]:
    for one in ALL:
        try:
            load_settings(one)
        except UserError as error:
            yield fault("settings", str(error), "mend the value in .env or in the environment")


def _mistyped(names: set[str]) -> Iterator[Finding]:
    """Yield the names that are no setting; those of Compose are known only where .env.example is."""
    known = {ENV_PREFIX + field.upper() for one in ALL for field in one.model_fields}
    of_compose = set(re.findall(rf"^#({ENV_PREFIX}\w+)=", _text(EXAMPLES / SETTINGS_EXAMPLE), re.MULTILINE))
    for name in sorted(names - known - of_compose if of_compose else ()):
        similar = difflib.get_close_matches(name, known, n=1)
        do = f"did you mean {similar[0]}?" if similar else "remove it; .env.example has all that there are"
        yield warning("settings", f"{name} is no setting and has no effect", do)


def _files() -> Iterator[Finding]:
    """Look at the files that settings name, and at what publishers are told."""
    fetcher = load_settings(FetcherSettings)
    if fetcher.sources is None:
        yield Finding(subject="sources", found="DEPECHE_SOURCES is not set: only what is asked for is fetched")
    else:
        yield _read("sources", fetcher.sources, read_sources)
    rules = load_settings(ParserSettings).site_rules
    if rules is not None:
        yield _read("site rules", rules, load_site_rules)
    if fetcher.contact_url is None:
        found = "publishers are not told who runs this crawler"
        yield warning("contact", found, "set DEPECHE_CONTACT_URL to a page or mailto: address of yours")


def _read(subject: str, path: Path, read: Callable[[Path], object]) -> Finding:
    try:
        read(path)
    except UserError as error:
        return fault(subject, " ".join(str(error).split()), f"mend {path}")
    return Finding(subject=subject, found=f"{path} is right")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
