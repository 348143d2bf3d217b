"""sources.toml: what it says becomes requests, and a mistake in it becomes one sentence."""

from pathlib import Path

import pytest

from services.fetcher.sources import Source, read_sources
from shared.failures import UserError
from shared.messages import FetchRequest, Follow, Visit

EXAMPLE = Path(__file__).parents[2] / "sources.example.toml"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_example_file_is_right() -> None:
    front, feed = read_sources(EXAMPLE)
    assert front.request() == FetchRequest(
        url="https://news.example/",
        source="example-front",
        follow=Follow(kinds=("front", "ticker", "latest")),
        visit=Visit(of_source=True),
    )
    assert (front.every, feed.every) == (900, 300)
    assert feed.request().follow == Follow(kinds=("feed",))


def test_defaults_follow_everything_on_the_site_every_quarter_of_an_hour(tmp_path: Path) -> None:
    (source,) = read_sources(written(tmp_path, '[[source]]\nname = "été"\nurl = "https://news.example/"\n'))
    assert source == Source(name="été", url="https://news.example/", every="15m", follow=["*"], same_site=True)


def test_nothing_is_followed_when_nothing_is_asked_for() -> None:
    assert Source(name="a", url="https://news.example/", follow=[]).request().follow is None


@pytest.mark.parametrize(("every", "seconds"), [("90s", 90), ("15m", 900), ("6 h", 21_600), ("1d", 86_400)])
def test_durations(every: str, seconds: int) -> None:
    assert Source(name="a", url="https://news.example/", every=every).every == seconds


def test_an_empty_file_has_no_sources(tmp_path: Path) -> None:
    assert read_sources(written(tmp_path, "")) == []


ONE = '[[source]]\nname = "a"\nurl = "https://news.example/"\n'


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[source", "is not TOML"),
        (ONE + 'every = "soon"', "number 1, every"),
        (ONE + "every = 15", "number 1, every"),
        (ONE + 'every = "0s"', "number 1, every"),
        (ONE + 'follow = "tickers"', "number 1, follow"),
        (ONE + 'color = "red"', "number 1, color"),
        (ONE + '[[source]]\nname = "b"\nurl = "news.example"', "number 2, url"),
        (ONE + '[[source]]\nname = ""\nurl = "https://news.example/"', "number 2, name"),
        ('[[source]]\nurl = "https://news.example/"', "number 1, name"),
        (ONE + ONE, "two sources have the name 'a'"),
        ('[[sorce]]\nname = "a"', "sorce"),
        ('source = "https://news.example/"', "source"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, named: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UserError) as caught:
        read_sources(path)
    assert named in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        read_sources(tmp_path / "none.toml")
    with pytest.raises(UserError, match="directory"):
        read_sources(tmp_path)
    binary = tmp_path / "sources.toml"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="is not TOML"):
        read_sources(binary)
