"""sources.toml: a mistake in it becomes a sentence with its line; a new file is used as soon as it is right."""

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.fetcher.sources import file as sources_file
from services.fetcher.sources.file import SourcesFile, check_sources, read_sources
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


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    assert [source.name for source in read_sources(written(tmp_path, "\ufeff" + ONE))] == ["a"]


ALL = """every = "5m"
[[sources]]
name = "a"
url = "https://news.example/"
every = "5s"
colour = "red"

[[source]]
name = "a"
url = "http://www.news.example/#top"
every = "1h"
every_max = "2h"
follow = 7
revisit = ["1h", "1m"]
[source.headers]
Host = "x"

[sorce]
name = "c"
url = "news.example"
every_min = "90"
every_max = "1m"

[other]
name = 1
"""


def test_all_mistakes_are_told_at_once_and_in_the_order_of_the_lines(tmp_path: Path) -> None:
    path = written(tmp_path, ALL)
    with pytest.raises(UserError) as caught:
        check_sources(path)
    said = [line.removeprefix(f"{path}, line ") for line in str(caught.value).splitlines()]
    assert [(int(line.partition(":")[0]), line.split(": ")[1].split(", ")[-1]) for line in said] == [
        (1, "every"),
        (2, "[[sources]]"),
        (5, "every"),
        (6, "colour"),
        (9, "name"),
        (10, "url"),
        (12, "every_max"),
        (13, "follow"),
        (14, "revisit"),
        (15, "headers"),
        (18, "[sorce]"),
        (20, "url"),
        (21, "every_min"),
        (24, "[other]"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        (ONE + ONE.replace('"a"', '"b"'), 6, "number 2, url: two sources have the address https://news.example/"),
        (ONE + 'every = "59s"', 4, "number 1, every: 59s is under the floor of 60s"),
        (ONE + 'every_min = "30s"', 4, "number 1, every_min: 30s is under the floor"),
        ("# to be written\n", None, "is empty: there is no [[source]] in it"),
        ("", None, "is empty"),
    ],
)
def test_what_only_a_check_complains_of(text: str, line: int | None, named: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UserError) as caught:
        check_sources(path)
    assert named in str(caught.value)
    assert (f"{path}, line {line}:" in str(caught.value)) == (line is not None)


def test_the_stack_uses_a_file_that_only_a_check_complains_of(tmp_path: Path) -> None:
    text = ONE + 'every = "1s"\n' + ONE.replace('"a"', '"b"')
    assert len(read_sources(written(tmp_path, text))) == 2


def test_a_source_that_is_off_may_have_the_address_of_another(tmp_path: Path) -> None:
    assert len(check_sources(written(tmp_path, ONE + ONE.replace('"a"', '"b"') + "enabled = false\n"))) == 2


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
        (ONE + 'every = "1h"\nevery_min = "5m"', 5, "number 1, every_min: every_min is for every"),
        (ONE + 'every_min = "2h"', 4, "every_min is longer than every_max; every_max is not set, and is 3600s then"),
        (ONE + 'every_max = "1m"', 4, "every_min is longer than every_max; every_min is not set"),
        (ONE + 'follow = "tickers"', 4, "write one or several of *, ticker"),
        (ONE + 'follow = ["front", 7]', 4, "number 1, follow"),
        (ONE + 'kind = "rss"', 4, "'page', 'feed' or 'sitemap'"),
        (ONE + 'rights = "respects"', 4, "number 1, rights: write 'record' or 'respect'"),
        (ONE + 'right = "respect"', 4, "do you mean rights?"),
        (ONE + 'revisit = ["1h", "15m"]', 4, "in order"),
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
        (ONE + "[[source]]\n\"url\" = 'https://news.example/'", 4, "number 2, name: each source needs one"),
        (ONE + ONE, 5, "two sources have the name 'a'; the first is on line 2"),
        ('[[sorce]]\nname = "a"', 1, "[[sorce]]: there is no such table; do you mean [[source]]?"),
        ('[source]\nname = "a"', 1, "[source]: write [[source]], with two brackets"),
        (ONE + '\n[defaults]\nevery = "5m"', 5, "[defaults]: there is no such table; a source is a [[source]]"),
        ('every = "5m"\n' + ONE, 1, "every: it stands in no source; write it below the [[source]] that it is for"),
        ('colour = "red"\n' + ONE, 1, "colour: there is no such key"),
        (ONE + "name_ = 'b'", 4, "do you mean name?"),
        (ONE + 'every = "0m"', 4, "it cannot be 0"),
        (ONE + "verify_tls = [true]", 4, "number 1, verify_tls"),
        (ONE.replace('"a"', "5"), 2, 'number 1, name: write a text: "..."'),
        (ONE + 'Follow = "*"', 4, "number 1, Follow: there is no such key; do you mean follow?"),
        (ONE + 'DELAY = "2s"', 4, "number 1, DELAY: there is no such key; do you mean delay?"),
        (ONE.replace('"a"', '""'), 2, "number 1, name: it is empty"),
        (ONE.replace('"a"', f'"{"a" * 201}"'), 2, "number 1, name: it is longer than 200 characters"),
        (ONE + 'enabled = "perhaps"', 4, "number 1, enabled: write true or false"),
        (ONE + 'user_agent = "Zürich/1"', 4, "number 1, user_agent: write it in one line of ASCII characters"),
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


def test_a_file_in_another_encoding_is_named_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_bytes((ONE + "# Zürich\n").encode("latin-1"))
    with pytest.raises(UserError, match="is not TOML: line 4 is not UTF-8; store the file in UTF-8"):
        read_sources(path)
