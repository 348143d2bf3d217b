"""Which sources wait because their hosts are held back, why, and until when?"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import redis

from cli.times import local, span
from services.fetcher.politeness.holds import Hold, holds
from shared.sources.log import SourceState

REASONS = {"http_429": "429", "http_503": "503", "crawl_delay": "Crawl-delay"}


def held_sources(
    client: "redis.Redis", states: Sequence[SourceState], host_key: Callable[[str], str]
) -> dict[str, Hold]:
    """Returns, by the name of the source, how its host is held back; sources whose host is not are left out."""
    hosts = {state.name: host_key(state.url) for state in states}
    held = holds(client, list(hosts.values()))
    return {name: held[host] for name, host in hosts.items() if host in held}


def as_words(hold: Hold | None) -> str | None:
    """Returns a hold in a few words, such as `429: until 14:05, as it asked`."""
    if hold is None:
        return None
    until = f"until {local(datetime.fromtimestamp(hold.until, UTC)):%H:%M %Z}"
    words = [until] if hold.until > time.time() else []
    if hold.why != "crawl_delay" and hold.is_asked_for:
        words.append("as it asked")
    elif hold.delay:
        words.append(f"a request each {span(hold.delay)}")
    return f"{REASONS.get(hold.why, hold.why)}: {', '.join(words)}"
