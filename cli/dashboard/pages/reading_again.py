"""Reads an archived page with the present parser, in a process of its own, and prints the report of `depeche inspect`.

The page may be any page of the web. So it is unpacked and read where it can do no harm: within the parser's limits of
time and memory, and in a process that ends with it. `python -m cli.dashboard.pages.reading_again FILE:OFFSET`
"""

import sys
from datetime import datetime
from pathlib import Path

from cli.inspect.report import report
from services.fetcher.archive.left_out import LeftOut
from services.fetcher.archive.warc_pages import ArchivedPage, read_page_at
from services.fetcher.settings import FetcherSettings
from services.parser.inspect.inspection import inspect_page
from services.parser.page_limits import PageLimits
from services.parser.settings import ParserSettings
from services.parser.site_rules.rules import load_site_rules
from shared.failures import GiveUp, PageFailure, UserError
from shared.settings import load_settings

# The exit status that says: the sentence on standard error is for whoever asked.
TOLD = 3


def main() -> int:
    """Print the report; the status is TOLD where there is none."""
    path, _, offset = sys.argv[1].rpartition(":")
    settings = load_settings(ParserSettings)
    limits = PageLimits(cpu_s=settings.parse_timeout, memory=settings.parse_max_memory)
    rules_file = settings.site_rules
    try:
        with limits.kept():
            page = _page(Path(path), int(offset))
            sys.stdout.buffer.write(_report(page, rules_file).encode())
    except (PageFailure, UserError) as failure:
        said = failure.detail if isinstance(failure, PageFailure) else str(failure)
        sys.stderr.write(said)
        return TOLD
    return 0


def _page(file: Path, offset: int) -> ArchivedPage:
    """Return the page; raises UserError and GiveUp."""
    found = read_page_at(file, offset, max_bytes=load_settings(FetcherSettings).max_page_bytes)
    if isinstance(found, LeftOut):
        raise GiveUp(found.reason, f"{found.place}: {found.detail}")
    return found


def _report(page: ArchivedPage, rules_file: Path | None) -> str:
    answer = page.answer
    visited_at = datetime.fromisoformat(answer.fetched_at)
    rule = load_site_rules(rules_file).rule_for(answer.final_url, visited_at.date())
    inspection = inspect_page(
        page.body, url=answer.final_url, content_type=answer.content_type, visited_at=visited_at, rule=rule
    )
    return report(inspection, f"{answer.final_url}, as archived at {answer.archive}")


if __name__ == "__main__":
    sys.exit(main())
