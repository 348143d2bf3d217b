"""Does the indexer tell copies of one text from texts that look alike, and what does it cost?

  python -m benchmarks.stories CORPUS

Builds the labelled set of benchmarks/story_texts.py from the corpus' article texts, stores it in an embedded Postgres
with the indexer's own statements, groups it as the indexer does, and compares all pairs. The thresholds were chosen on
one half of the articles; the figures are those of the other half. The result is written into docs/benchmarks.md.
"""

import argparse
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil
import psycopg

from benchmarks.database import bench_home, migrated_postgres
from benchmarks.report import setting, table, write_section
from benchmarks.story_texts import LabelledText, labelled_texts
from services.indexer.connection import Connection
from services.indexer.followers.follower import catch_up
from services.indexer.followers.stories import STORIES
from services.indexer.index import store_together
from services.indexer.landing import Landing
from shared.messages import Answer, Origin, PageParsed
from shared.parsed_page import Article, Block, ParsedPage
from shared.service import exit_status

NOON = datetime(2025, 5, 8, 12, 0, tzinfo=UTC)
PAGES_A_TRANSACTION = 4
# Articles already there when the cost is measured: a day or two of a large list of sources.
STANDING = 10_000


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds an article."""

    wall: float
    indexer: float
    postgres: float


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs of articles: of one story, put into one, and both."""

    true: int
    found: int
    right: int

    @property
    def precision(self) -> float:
        """Of those put into one story, how many are of one."""
        return self.right / max(1, self.found)

    @property
    def recall(self) -> float:
        """Of those of one story, how many were put into one."""
        return self.right / max(1, self.true)


def grouped(connection: Connection, texts: Sequence[LabelledText]) -> tuple[list[int], Cost]:
    """The story of each text, and what grouping took."""
    landings = list(_landings(texts))
    for start in range(0, len(landings), PAGES_A_TRANSACTION):
        store_together(connection, landings[start : start + PAGES_A_TRANSACTION])
    cost = _group_all(connection, len(texts))
    stories: dict[str, int] = dict(connection.execute("SELECT url, story_id FROM news.articles").fetchall())
    return [stories[text.url] for text in texts], cost


def _group_all(connection: Connection, articles: int) -> Cost:
    backend = psutil.Process(connection.info.backend_pid)
    wall, own, others = time.perf_counter(), time.process_time(), sum(backend.cpu_times()[:2])
    catch_up(connection, STORIES)
    scale = 1e3 / articles
    return Cost(
        wall=scale * (time.perf_counter() - wall),
        indexer=scale * (time.process_time() - own),
        postgres=scale * (sum(backend.cpu_times()[:2]) - others),
    )


def _landings(texts: Sequence[LabelledText]) -> Iterator[Landing]:
    for text in texts:
        blocks = [Block(type="paragraph", text=line) for line in text.text.split("\n")]
        article = Article(title=text.title, blocks=blocks, text=text.text, language=text.language)
        page = ParsedPage(url=text.url, page_type="article", article=article, headlines=[], parser_version="bench")
        record = PageParsed(
            flight_id=str(uuid.uuid4()),
            origin=Origin(url=text.url),
            answer=Answer(
                final_url=text.url,
                http_status=200,
                content_type="text/html",
                body_bytes=len(text.text),
                fetched_at=NOON.isoformat(),
            ),
        )
        yield Landing(record=record, page=page)


def compared(texts: Sequence[LabelledText], stories: Sequence[int]) -> Pairs:
    """All pairs."""

    def pairs(counts: Counter[object]) -> int:
        return sum(count * (count - 1) // 2 for count in counts.values())

    return Pairs(
        true=pairs(Counter(text.story for text in texts)),
        found=pairs(Counter(stories)),
        right=pairs(Counter((text.story, story) for text, story in zip(texts, stories, strict=True))),
    )


def by_kind(texts: Sequence[LabelledText], stories: Sequence[int]) -> list[dict[str, object]]:
    """For each way in which a text was made: how often it came to its original, and to a text of another story."""
    place = {text.story: story for text, story in zip(texts, stories, strict=True) if text.how == "original"}
    owners: dict[int, set[str]] = {}
    for text, story in zip(texts, stories, strict=True):
        owners.setdefault(story, set()).add(text.story)
    rows: dict[str, list[tuple[bool | None, bool]]] = {}
    for text, story in zip(texts, stories, strict=True):
        with_original = place[text.story] == story if text.story in place else None
        rows.setdefault(text.how, []).append((with_original, len(owners[story]) > 1))
    return [
        {
            "text": how,
            "texts": len(seen),
            "with its original": _share([with_original for with_original, _ in seen if with_original is not None]),
            "with another story": f"{sum(mixed for _, mixed in seen)}",
        }
        for how, seen in sorted(rows.items())
        if how != "original"
    ]


def _share(found: Sequence[bool]) -> str:
    return f"{sum(found) / len(found):.1%}" if found else ""


def standing(connection: Connection, texts: Sequence[LabelledText]) -> None:
    """Many more articles, each nobody's copy: words of the set's texts, shuffled."""
    chance = random.Random(1)
    made = []
    for number in range(STANDING):
        words = texts[number % len(texts)].text.split()
        chance.shuffle(words)
        url = f"https://standing{number % 200}.example/{number}"
        made.append(msgspec.structs.replace(texts[number % len(texts)], url=url, text=" ".join(words)))
    for start in range(0, len(made), 50):
        store_together(connection, list(_landings(made[start : start + 50])))
    catch_up(connection, STORIES)


def measure(corpus: Path) -> str:
    """The section of docs/benchmarks.md."""
    quality, kinds = [], []
    with bench_home() as home:
        for half, name in ((0, "the half that the thresholds were chosen on"), (1, "the other half")):
            texts = labelled_texts(corpus, half)
            with migrated_postgres(home / str(half)) as url, psycopg.connect(url, autocommit=True) as connection:
                if half:
                    standing(connection, texts)
                stories, cost = grouped(connection, texts)
            pairs = compared(texts, stories)
            row = {"": name, "texts": len(texts), "pairs of copies": pairs.true}
            quality.append(row | {"precision": f"{pairs.precision:.4f}", "recall": f"{pairs.recall:.4f}"})
            kinds = by_kind(texts, stories)
    words = sum(len(text.text.split()) for text in texts) // len(texts)
    costs = (
        f"Grouping took {cost.wall:.2f} ms an article of {words} words beside {STANDING:,} standing ones: "
        f"{cost.indexer:.2f} ms of CPU in the indexer and {cost.postgres:.2f} ms in Postgres, off the path on which "
        "articles are stored."
    )
    return "\n\n".join(
        [setting("psycopg"), table(quality), "The other half, by how a text was made:", table(kinds), costs]
    )


def main() -> None:
    """Measure, print and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", type=Path)
    section = measure(options.parse_args().corpus)
    print(section)
    write_section("stories", section)


if __name__ == "__main__":
    sys.exit(exit_status("bench-stories", main))
