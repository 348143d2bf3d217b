"""The ten incidents: what is done, where it has to show, and what an operator then does."""

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

import msgspec

from tests.compose.incidents.night import Night
from tests.compose.stack import ROOT, docker

# What was seen of it, or None.
Sign = Callable[[dict[str, Any]], str | None]

# So many stories of a poisoned paper are asked for: more than the alert passes over.
POISONED = 12


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One incident. `status` says where `depeche status --json` shows it, `page` where the dashboard does."""

    name: str
    done: str
    begin: Callable[[Night], object]
    status: Sign | None = None
    alert: str | None = None
    page: tuple[str, str] | None = None  # path, and what is to be read there
    said: Callable[[Night], str | None] | None = None  # what a log or `depeche doctor` says of it
    mended: str
    mend: Callable[[Night], object]
    runbook: str
    ends_today: bool = True  # a source's field recovers by the pages of days


def _logged(service: str, words: str) -> Callable[[Night], str | None]:
    def said(night: Night) -> str | None:
        lines = night.stack.compose("logs", "--no-color", "--no-log-prefix", "--since", "5m", service).splitlines()
        return next((f"{service}: {line.strip()}" for line in lines if words in line), None)

    return said


def _doctor(words: str) -> Callable[[Night], str | None]:
    def said(night: Night) -> str | None:
        found = [json.loads(line) for line in night.depeche("doctor", "--json").splitlines() if line.startswith("{")]
        wrong = (one["found"] for one in found if one["grade"] != "good" and words in one["found"])
        return next((f"doctor: {sentence}" for sentence in wrong), None)

    return said


def _problem(reason: str, text: str = "") -> Sign:
    def sign(status: dict[str, Any]) -> str | None:
        details = [p["detail"] for p in status.get("problems", []) if p["reason"] == reason and text in p["detail"]]
        return details[0] if details else None

    return sign


def _failing(source: str) -> Sign:
    def sign(status: dict[str, Any]) -> str | None:
        found = [s for s in status.get("sources", {}).get("longest_failing", []) if s["name"] == source]
        return f"{source}: {found[0]['reason']}, {found[0]['failures']} visits" if found else None

    return sign


def _counted(name: str, say: str) -> Sign:
    def sign(status: dict[str, Any]) -> str | None:
        number = status.get(name, 0)
        number = sum(number.values()) if isinstance(number, dict) else number
        return f"{number} {say}" if number else None

    return sign


def _kill_parser(night: Night) -> None:
    docker("kill", *night.stack.containers("parser"))


def _fill_redis(night: Night) -> None:
    [used] = re.findall(r"used_memory:(\d+)", night.redis("INFO", "memory"))
    night.redis("CONFIG", "SET", "maxmemory", str(round(int(used) / 0.92)))


def _redesign(night: Night) -> None:
    """The courier's front of the last two weeks had forty headlines a visit; from now on, none is in its markup."""
    night.befall("courier", "redesigned")
    night.stack.sql(
        "INSERT INTO depeche.source_days (source, day, visits, reached, lists, headlines_total, headlines_squares,"
        " asked, fetched, followed, articles, with_title, with_author, with_date, body_total, body_squares,"
        " with_ticker)"
        " SELECT 'courier', (now() AT TIME ZONE 'UTC')::date - n, 24, 24, 24, 24 * ln(41), 24 * ln(41) ^ 2,"
        " 40, 40, 40, 40, 40, 0, 0, 40 * ln(501), 40 * ln(501) ^ 2, 0 FROM generate_series(1, 14) AS n"
        " ON CONFLICT DO NOTHING"
    )
    for _ in range(6):
        night.depeche("sources", "visit", "courier", "--wait")


def _block(night: Night) -> None:
    night.befall("gazette", "blocks")
    for _ in range(5):
        night.depeche("sources", "visit", "gazette", "--wait")


def _unblock(night: Night) -> None:
    night.befall("gazette", "")
    night.depeche("sources", "visit", "gazette", "--wait")


def _poison(night: Night) -> None:
    night.befall("herald", "poison")
    night.depeche("fetch", *(f"http://herald:8000/story/{number}" for number in range(100, 100 + POISONED)))


def _unpoison(night: Night) -> None:
    """Let a page take longer, as the runbook has it for pages that are merely long."""
    _with_setting(night, "parser", "DEPECHE_PARSE_TIMEOUT", "20")
    night.depeche("quarantine", "replay", "--all")


def _advance_clock(night: Night) -> None:
    """Let the clocks of workers and command line run an hour ahead of Redis' and Postgres'."""
    night.set_clock(3600)
    night.depeche("fetch", *(f"http://post:8000/story/{number}" for number in range(500, 540)))


def _fill_disk(night: Night) -> None:
    night.stack.compose(
        "exec", "--no-TTY", "ballast", "sh", "-c", "dd if=/dev/zero of=/disks/postgres/ballast bs=4096; true"
    )
    fetch = [f"http://post:8000/story/{number}" for number in range(300, 340)]
    night.depeche("fetch", *fetch)


def _with_setting(night: Night, service: str, name: str, value: str) -> None:
    settings = {**night.stack.settings, name: value}
    dataclasses.replace(night.stack, settings=settings).compose("up", "--detach", "--no-deps", service)


def _rotate(night: Night) -> None:
    """Draw new passwords while pages are in the air, by the commands of docs/operations.md."""
    night.depeche("fetch", *(f"http://post:8000/story/{number}" for number in range(400, 440)))
    shown = re.search(r"To draw new ones:\n\n((?:    .+\n)+)", (ROOT / "docs/operations.md").read_text("utf-8"))
    assert shown is not None
    night.stack.shell(shown[1])


def _compose(*words: str) -> Callable[[Night], object]:
    return lambda night: night.stack.compose(*words)


CASES = [
    Case(
        name="A source is redesigned",
        done="A script writes the headlines of a front that had forty of them in its markup for two weeks",
        begin=_redesign,
        status=_counted("fallen_fields", "fallen fields"),
        alert="DepecheSourceChanged",
        page=("/sources", "fell|fallen"),
        mended="the old markup is back (a site rule or a newer parser would do)",
        mend=lambda night: night.befall("courier", ""),
        runbook="source-changed.md",
        ends_today=False,
    ),
    Case(
        name="A host blocks us",
        done="A paper answers 403 to every request",
        begin=_block,
        status=_failing("gazette"),
        alert="DepecheSourceFails",
        page=("/sources", "gazette.*(http_403|403)"),
        mended="the paper lets us in again",
        mend=_unblock,
        runbook="source-fails.md",
    ),
    Case(
        name="Poison pages",
        done=f"{POISONED} pages take the parser more CPU time than a page may have",
        begin=_poison,
        status=_counted("quarantine_waiting", "cases in quarantine"),
        alert="DepecheQuarantineGrows",
        page=("/quarantine", "too_slow|limit|timeout"),
        mended="`DEPECHE_PARSE_TIMEOUT=20` for the parser, and `depeche quarantine replay --all`",
        mend=_unpoison,
        runbook="quarantine-grows.md",
    ),
    Case(
        name="A worker is gone",
        done="`docker kill` of the only parser",
        begin=_kill_parser,
        status=_problem("no_worker"),
        alert="DepecheNoWorker",
        page=("/", "no parser"),
        mended="`docker compose up -d parser`",
        mend=_compose("up", "--detach", "--no-deps", "parser"),
        runbook="no-worker.md",
    ),
    Case(
        name="Redis is full",
        done="What Redis holds is 92 % of its `maxmemory`",
        begin=_fill_redis,
        status=_problem("redis_nearly_full"),
        alert="DepecheRedisNearlyFull",
        page=("/", "Redis uses"),
        mended="a larger `maxmemory`",
        mend=lambda night: night.redis("CONFIG", "SET", "maxmemory", "512mb"),
        runbook="redis-nearly-full.md",
    ),
    Case(
        name="Postgres is down",
        done="`docker compose stop postgres`",
        begin=_compose("stop", "postgres"),
        status=_problem("postgres_away"),
        alert="DepechePostgresAway",
        page=("/", "Postgres"),
        mended="`docker compose start postgres`",
        mend=_compose("start", "postgres"),
        runbook="postgres-away.md",
    ),
    Case(
        name="A bad setting",
        done="`DEPECHE_FETCHER_THREADS=many`, then `docker compose up -d fetcher`",
        begin=lambda night: _with_setting(night, "fetcher", "DEPECHE_FETCHER_THREADS", "many"),
        status=_problem("no_worker"),
        alert="DepecheNoWorker",
        page=("/", "no fetcher"),
        said=_logged("fetcher", "Wrong setting. DEPECHE_FETCHER_THREADS"),
        mended="the setting taken back, and `docker compose up -d fetcher`",
        mend=lambda night: _with_setting(night, "fetcher", "DEPECHE_FETCHER_THREADS", "16"),
        runbook="no-worker.md",
    ),
    Case(
        name="The clock is wrong",
        done="The clocks of all workers are set an hour ahead, while forty pages come in",
        begin=_advance_clock,
        said=_doctor("the clocks of Redis"),
        mended="the clocks are set back",
        mend=lambda night: night.set_clock(0),
        runbook="why-is-a-story-missing.md",
    ),
    Case(
        name="A disk is full",
        done="No byte is left on the disk of Postgres, while forty pages come in",
        begin=_fill_disk,
        alert="DepecheNotStoring",
        page=("/", "Postgres"),
        said=_logged("indexer", "postgres_unavailable"),
        mended="room on the disk",
        mend=_compose("exec", "--no-TTY", "ballast", "rm", "-f", "/disks/postgres/ballast"),
        runbook="not-storing.md",
    ),
    Case(
        name="Passwords are drawn anew",
        done="The commands of docs/operations.md, while forty pages are in the air",
        begin=_rotate,
        mended="nothing is to be done",
        mend=_compose("up", "--detach", "--wait"),
        runbook="move-to-another-host.md",
    ),
]
