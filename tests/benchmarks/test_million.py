"""The benchmark with a million articles, with a thousand."""

import random
from pathlib import Path

import pytest
from rich.progress import Progress

from benchmarks.million import markdown, run
from shared.failures import UserError

PAGE = '<html lang="en"><head><title>{0}</title></head><body><article><h1>{0}</h1>{1}</article></body></html>'


def write_pages(folder: Path, words: int) -> Path:
    """Three pages in made-up words, some of them common and most of them rare."""
    chance = random.Random(1)
    stems = ["".join(chance.choices("aeioulmnrst", k=chance.randint(5, 9))) for _ in range(500)]
    for title in ("Night ferry", "Tram vote", "Harbour fire"):
        drawn = [stems[int(500 ** chance.random()) - 1] for _ in range(words)]
        text = "".join(f"<p>The {' '.join(drawn[n : n + 40])} said.</p>" for n in range(0, words, 40))
        (folder / f"{title}.html").write_text(PAGE.format(title, text), "utf-8")
    return folder


@pytest.mark.postgres
def test_everything_is_measured_with_the_rows_that_the_indexer_would_have_made(tmp_path: Path) -> None:
    result = run(write_pages(tmp_path, 1_000), 1_000, 1, Progress(disable=True))
    assert result.differing == 0
    assert {row["rows"] for row in result.sizes if row["table"] in {"articles", "search_documents"}} == {"1,000"}
    rows = {took.question: took.rows for took in result.took}
    assert rows["latest 50 of all"] == 50
    assert rows["the last 100 changes"] == 100
    assert rows["a word that one article has"] == 1
    assert rows["a word that 10 % have"] == rows["the second page of a word of 10 %"] == 10
    assert rows["a word that none has"] == rows["no change since"] == 0
    assert rows["the versions of an article"] == 2
    assert rows["the headlines that stand on a page, with their articles"] > 1
    assert all(0 < took.p50 <= took.p95 <= took.max for took in result.took)
    rounds = [round_ for rounds in result.storing.values() for round_ in rounds]
    assert all(0 < round_.followed_per_s < round_.stored_per_s for round_ in rounds)
    assert all(0 < round_.stored_cpu < round_.followed_cpu for round_ in rounds)
    assert "| a word that 10 % have " in markdown(result)


def test_too_little_text_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="too few articles"):
        run(write_pages(tmp_path, 100), 10, 1, Progress(disable=True))
