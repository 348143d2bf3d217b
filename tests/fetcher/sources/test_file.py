"""sources.toml: a mistake in it becomes a sentence with its line; a new file is used as soon as it is right."""

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.fetcher.sources import file as sources_file
from services.fetcher.sources.file import SourcesFile, read_sources
from services.fetcher.sources.options import NO_OPTIONS
from shared.failures import UserError
from tests.support.waiting import wait_until

ONE = '[[source]]\nname = "a"\nurl = "https://news.example/"\n'
TWO = '[[source]]\nname = "b"\nurl = "https://other.example/"\n'


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sources.toml"
    path.write_text(text, "utf-8")
    return path


def test_an_empty_file_has_no_sources(tmp_path: Path) -> None:
    assert read_sources(written(tmp_path, "")) == []


def test_names_in_any_script(tmp_path: Path) -> None:
    (source,) = read_sources(written(tmp_path, ONE.replace('"a"', '"été"')))
    assert source.name == "été"


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ("[[source", None, "is not TOML"),
        (ONE + 'every = "soon"', 4, "number 1, every: write a number and a unit"),
        (ONE + "every = 15", 4, 'or "adaptive"'),
        (ONE + 'every = "0s"', 4, "number 1, every"),
        (ONE + 'every = "1h"\nevery_min = "5m"', 1, "every_min and every_max are for"),
        (ONE + 'every_min = "2h"', 1, "every_min is longer than every_max"),
        (ONE + 'follow = "tickers"', 4, "write one or several of *, ticker"),
        (ONE + 'follow = ["front", 7]', 4, "number 1, follow"),
        (ONE + 'kind = "rss"', 4, "'page', 'feed' or 'sitemap'"),
        (ONE + 'rights = "respects"', 4, "number 1, rights: Input should be 'record' or 'respect'"),
        (ONE + 'right = "respect"', 4, "do you mean rights?"),
        (ONE + 'revisit = ["1h", "15m"]', 1, "in order"),
        (ONE + 'revisit = ["15m", "soon"]', 4, "number 1, revisit: write a number"),
        (ONE + 'max_age = "old"', 4, "number 1, max_age: write a number"),
        (ONE + 'delay = "0s"', 4, "number 1, delay"),
        (ONE + 'proxy = "socks5://p.example:1080"', 4, "number 1, proxy: a proxy is written http"),
        (ONE + 'headers = {Host = "x"}', 4, "number 1, headers: the header Host is the fetcher's own"),
        (ONE + '[source.headers]\n"X Key" = "x"', 4, "number 1, headers: 'X Key' is not a possible name"),
        (ONE + "headers.X-Key = 7", 4, "number 1, headers: write names and texts"),
        (ONE + 'user_agent = "a\\nb"', 4, "number 1, user_agent"),
        (ONE + 'verify_tls = "no!"', 4, "number 1, verify_tls"),
        (ONE + 'color = "red"', 4, "number 1, color: there is no such key"),
        (ONE + 'evry = "5m"', 4, "do you mean every?"),
        (ONE + 'revisits = ["5m"]', 4, "do you mean revisit?"),
        (
            ONE + '\n# a comment\n[[source]]\nname = "b"\nurl = "news.example"',
            8,
            "number 2, url: write a whole address",
        ),
        (ONE + '[[source]]\nname = ""\nurl = "https://news.example/"', 5, "number 2, name"),
        (ONE + "[[source]]\n\"url\" = 'https://news.example/'", 4, "number 2, name: Field required"),
        (ONE + ONE, 5, "two sources have the name 'a'"),
        ('[[sorce]]\nname = "a"', None, "sorce: there is no such key; do you mean source?"),
        ('sorce = "a"', 1, "sorce: there is no such key"),
        ('source = "https://news.example/"', 1, "source"),
        ('source = [{name = "a", url = "nowhere"}]', None, "number 1, url"),
        (ONE + 'user_agent = """\n[[source]]\nevery = 1"""\nevery = 1', 7, "number 1, every"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int | None, named: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UserError) as caught:
        read_sources(path)
    said = str(caught.value)
    assert named in said
    assert f"{path}, line {line}:" in said if line else ", line " not in said


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, ONE + 'every = "soon"\n' + TWO + "color = 1")
    with pytest.raises(UserError) as caught:
        read_sources(path)
    assert [line.partition(": ")[0] for line in str(caught.value).splitlines()] == [f"{path}, line {n}" for n in (4, 8)]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        read_sources(tmp_path / "none.toml")
    with pytest.raises(UserError, match="directory"):
        read_sources(tmp_path)
    binary = tmp_path / "sources.toml"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="is not TOML"):
        read_sources(binary)


@pytest.fixture
def look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources_file, "LOOK_AGAIN_S", 0.0)


def test_without_a_file_there_are_no_sources() -> None:
    file = SourcesFile(None)
    assert (file.enabled, file.options_of("a")) == ({}, NO_OPTIONS)


@pytest.mark.usefixtures("look_at_once")
def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, ONE)
    file = SourcesFile(path)
    assert list(file.enabled) == ["a"]
    assert file.enabled is file.enabled
    written(tmp_path, ONE + TWO)
    wait_until(lambda: list(file.enabled) == ["a", "b"])


@pytest.mark.usefixtures("look_at_once")
def test_a_file_put_in_its_place_is_read_also_when_it_has_the_same_age_and_size(tmp_path: Path) -> None:
    path = written(tmp_path, ONE)
    file = SourcesFile(path)
    other = tmp_path / "new.toml"
    other.write_text(ONE.replace('"a"', '"c"'))
    os.utime(other, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    other.replace(path)
    wait_until(lambda: list(file.enabled) == ["c"])


@pytest.mark.usefixtures("look_at_once")
def test_a_broken_file_leaves_the_old_sources_and_is_logged_once(tmp_path: Path) -> None:
    path = written(tmp_path, ONE)
    file = SourcesFile(path)
    with capture_logs() as logs:
        written(tmp_path, ONE + "every = 7")
        wait_until(lambda: file.enabled and any(line["event"] == "sources_file_broken" for line in logs))
        assert [file.enabled.keys() for _ in range(20)] == [{"a"}] * 20
        path.unlink()
        wait_until(lambda: file.enabled and len(logs) == 2)
    assert all(line["log_level"] == "error" and line["kept"] == 1 for line in logs)
    written(tmp_path, TWO)
    wait_until(lambda: list(file.enabled) == ["b"])


@pytest.mark.usefixtures("look_at_once")
def test_half_a_file_is_not_read(tmp_path: Path) -> None:
    file = SourcesFile(written(tmp_path, ONE + TWO))
    written(tmp_path, "")  # as an editor begins to write
    assert list(file.enabled) == ["a", "b"]
    written(tmp_path, ONE + TWO + TWO.replace('"b"', '"c"'))
    seen = {tuple(file.enabled) for _ in range(3)}
    wait_until(lambda: list(file.enabled) == ["a", "b", "c"])
    assert () not in seen


def test_a_source_that_is_off_is_not_visited_and_keeps_its_options(tmp_path: Path) -> None:
    file = SourcesFile(written(tmp_path, ONE + 'enabled = false\nuser_agent = "Desk/1"'))
    assert file.enabled == {}
    assert file.options_of("a").user_agent == "Desk/1"
    assert file.options_of("b") is file.options_of(None) is NO_OPTIONS


def test_a_source_that_only_the_tick_has_read_of_yet_is_looked_up_at_once(tmp_path: Path) -> None:
    file = SourcesFile(written(tmp_path, ONE))
    written(tmp_path, ONE + TWO + 'user_agent = "Desk/1"')
    assert file.options_of("b").user_agent == "Desk/1"
    assert file.options_of("c") is NO_OPTIONS


def test_tls_that_is_not_verified_is_logged(tmp_path: Path) -> None:
    with capture_logs() as logs:
        SourcesFile(written(tmp_path, ONE + TWO + "verify_tls = false"))
    assert [(line["event"], line["source"]) for line in logs] == [("tls_not_verified", "b")]
