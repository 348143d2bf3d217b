"""`depeche replay --dry-run`: what it shows, and that it writes nothing; and what a replay then makes of it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from msgspec.structs import replace

from cli.replay import preview as replay_preview
from services.indexer import index
from services.parser import parse
from services.parser.page import parse_page
from shared.parsed_page import ParsedPage
from tests.cli.conftest import Run
from tests.cli.services import Services, story
from tests.support.exchanges import AT, exchange, open_archive, visit
from tests.support.foreign_archives import answer, gzipped, saved, wacz, zstandard_file
from tests.support.pages import everything

ONE = "https://news.example/harbour-opens"


def warc(folder: Path, *bodies: bytes, url: str = ONE, minutes: int = 0) -> Path:
    """An archive with these bodies of one page, a minute apart."""
    archive = open_archive(folder / f"archive-{minutes}-{len(bodies)}")
    for number, body in enumerate(bodies):
        at = AT + timedelta(minutes=minutes + number)
        archive.keep(exchange(body, url=url), visit(url=url, at=at, source="Harbours"), None)
    archive.close()
    (file,) = (folder / f"archive-{minutes}-{len(bodies)}").iterdir()
    return file


def lines(ran: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


def read_anew(page: ParsedPage) -> ParsedPage:
    """As a later version of the parser would read it."""
    article = page.article and replace(page.article, title="Anew: " + (page.article.title or ""), authors=["Ada Quill"])
    return replace(page, article=article, parser_version="next")


@pytest.fixture
def next_parser(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call it, and the parser reads pages as a later version would."""

    def arrive() -> None:
        for module in (parse, replay_preview):
            monkeypatch.setattr(module, "parse_page", lambda *args, **options: read_anew(parse_page(*args, **options)))

    return arrive


def test_a_new_page_is_shown_and_nothing_is_written(
    run_on_servers: Run, tmp_path: Path, database: psycopg.Connection, client: "redis.Redis"
) -> None:
    before = everything(database)
    ran = run_on_servers("replay", "--dry-run", "--json", str(warc(tmp_path, story("Harbour opens"))))
    page, total = lines(ran)
    assert (ran.status, page["url"], page["outcome"]) == (0, ONE, "new")
    changes = {change["field"]: (change["before"], change["after"]) for change in page["changes"]}
    assert changes["article.title"] == (None, "Harbour opens")
    assert changes["page.page_type"] == (None, "article")
    assert (total["pages"], total["outcomes"], total["left_out"]) == (1, {"new": 1}, {"warcinfo": 1, "request": 1})
    assert everything(database) == before
    assert client.keys("depeche:*") == []


def test_only_the_fields_that_a_new_parser_changes_are_shown_and_then_changed(
    run_on_servers: Run, services: Services, tmp_path: Path, database: psycopg.Connection, next_parser: Any
) -> None:
    file = warc(tmp_path, story("Harbour opens"))
    services.replay(file)
    assert lines(run_on_servers("replay", "--dry-run", "--json", str(file)))[-1]["outcomes"] == {"same": 1}
    before = everything(database)
    next_parser()
    page, total = lines(run_on_servers("replay", "--dry-run", "--json", str(file)))
    assert {c["field"]: (c["before"], c["after"]) for c in page["changes"]} == {
        "article.title": ("Harbour opens", "Anew: Harbour opens"),
        "article.authors": ([], ["Ada Quill"]),
    }
    assert (total["outcomes"], total["fields"]) == ({"changed": 1}, {"article.title": 1, "article.authors": 1})
    assert everything(database) == before
    services.replay(file)
    after = everything(database)
    assert (after["articles"][0]["title"], after["articles"][0]["authors"]) == ("Anew: Harbour opens", ["Ada Quill"])
    assert after["articles"][0]["article_id"] == before["articles"][0]["article_id"]
    assert (after["pages"][0]["parser_version"], after["pages"][0]["fate"]) == ("next", "stored")


def test_people_see_the_place_where_a_text_differs(run_on_servers: Run, services: Services, tmp_path: Path) -> None:
    services.replay(warc(tmp_path, story("Harbour opens")))
    ran = run_on_servers("replay", "--dry-run", str(warc(tmp_path, story("Harbour \x1b[31mcloses"), minutes=5)))
    assert ran.status == 0
    assert "article.title: Harbour opens → Harbour" in ran.out
    assert "\x1b[31m" not in ran.out
    assert "1 changed" in ran.err


def test_the_same_file_twice_is_once(services: Services, tmp_path: Path, database: psycopg.Connection) -> None:
    file = warc(tmp_path, story("Harbour opens"), story("Harbour closes"))
    services.replay(file)
    first = everything(database)
    services.replay(file)
    second = everything(database)
    assert [(a["title"], a["source"]) for a in second["articles"]] == [("Harbour closes", "Harbours")]
    assert second["articles"] == first["articles"]
    assert second["headlines"] == first["headlines"]
    (page,) = second["pages"]
    assert (page["fetched_at"], page["archive"]) == (AT + timedelta(minutes=1), first["pages"][0]["archive"])


SUBJECTS = ("harbour", "lamp", "bridge", "market", "school")


def misled(subject: str, canonical: str) -> bytes:
    """A story whose page names another page as itself."""
    told = "".join(
        f"<p>{' '.join(f'{subject}{line}{word} stood there' for word in range(12))}.</p>" for line in range(5)
    )
    head = f'<title>The {subject} today</title><link rel="canonical" href="{canonical}">'
    return (
        f"<html><head>{head}</head><body><article><h1>The {subject} today</h1>{told}</article></body></html>".encode()
    )


@pytest.mark.parametrize("canonical", ["/en/", "/category/town", "/2025/all-the-news-of-the-day", None])
def test_stories_that_had_become_one_row_are_given_back(
    canonical: str | None, services: Services, tmp_path: Path, database: psycopg.Connection
) -> None:
    """None: the first story's own address."""
    urls = [f"https://news.example/2025/{subject}-of-the-town" for subject in SUBJECTS]
    files = [
        warc(tmp_path, misled(subject, canonical or urls[0]), url=url, minutes=10 * number)
        for number, (subject, url) in enumerate(zip(SUBJECTS, urls, strict=True))
    ]
    with pytest.MonkeyPatch.context() as before:  # every canonical URL was believed, and all pages shared its row
        whole = "https://news.example" + canonical if canonical else urls[0]
        before.setattr(parse, "parse_page", lambda *a, **o: replace(parse_page(*a, **o), canonical_url=whole))
        before.setattr(index, "keep_apart", lambda _connection, landings: landings)
        before.setattr(index, "make_room", lambda _connection, _stored: None)
        for file in files:
            services.replay(file)
    assert len(everything(database)["articles"]) == 1
    for _ in range(2):
        for file in files:
            services.replay(file)
        there = [row for row in everything(database)["articles"] if row["withdrawn_at"] is None]
        assert {row["url"]: row["title"] for row in there} == {
            url: f"The {subject} today" for subject, url in zip(SUBJECTS, urls, strict=True)
        }
        assert all(
            f"{subject}00 stood" in row["body"] for row in there for subject in SUBJECTS if subject in row["url"]
        )
        assert {row["article_id"] for row in there} <= {
            v["article_id"] for v in everything(database)["article_versions"]
        }


def test_an_older_page_never_replaces_a_newer_one(
    run_on_servers: Run, services: Services, tmp_path: Path, database: psycopg.Connection, next_parser: Any
) -> None:
    older, newer = warc(tmp_path, story("Harbour opens")), warc(tmp_path, story("Harbour closes"), minutes=5)
    services.replay(newer)
    before = everything(database)
    next_parser()
    assert lines(run_on_servers("replay", "--dry-run", "--json", str(older)))[-1]["outcomes"] == {"older": 1}
    services.replay(older)
    assert everything(database) == before


def test_a_page_that_the_parser_refuses_is_no_news_when_it_is_old(
    run_on_servers: Run, services: Services, tmp_path: Path, database: psycopg.Connection
) -> None:
    services.replay(warc(tmp_path, story("Harbour closes"), minutes=5))
    before = everything(database)
    services.replay(warc(tmp_path, b"\0" * 5_000 + b"<p>not text</p>"))
    assert everything(database) == before


def test_only_what_is_asked_for(run_on_servers: Run, tmp_path: Path) -> None:
    file = warc(tmp_path, story("Harbour opens"), story("Harbour closes"))

    def outcomes(*options: str) -> Any:
        return lines(run_on_servers("replay", "--dry-run", "--json", str(file), *options))[-1]["pages"]

    assert outcomes("--since", "2025-05-08T10:01:00") == 1
    assert outcomes("--since", "2025-05-09") == 0
    assert outcomes("--url-prefix", "https://other.example/") == 0
    assert outcomes("--url-prefix", "https://other.example/", "--url-prefix", "https://news.example/h") == 2


def test_damage_is_named_and_the_status_tells(run_on_servers: Run, tmp_path: Path) -> None:
    file = warc(tmp_path, story("Harbour opens"), story("Harbour closes"))
    file.write_bytes(file.read_bytes()[:-10])
    (tmp_path / "other.warc.gz").write_bytes(b"rubbish")
    ran = run_on_servers("replay", "--dry-run", "--json", str(file), str(tmp_path / "other.warc.gz"))
    assert ran.status == 1
    assert lines(ran)[-1]["left_out"] == {"broken_record": 2, "request": 1, "warcinfo": 1}
    assert "other.warc.gz:0: " in ran.err
    assert "skipped" in ran.err


def test_archives_of_others_are_read_from_folders_and_patterns_and_what_is_left_out_is_shown(
    run_on_servers: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "downloads" / "crawl"
    folder.mkdir(parents=True)
    urls = [f"https://limani.example/{number}" for number in range(3)]
    html = story("Limani hapet")
    saved(folder, "a.warc.zst", zstandard_file([answer(urls[0], html)], dictionary=None))
    saved(folder, "b.wacz", wacz({"archive/data.warc.gz": gzipped([answer(urls[1], html), answer(urls[2], b"")])}))
    saved(folder, "c.arc.gz", b"filedesc://c.arc.gz")
    saved(folder, "notes.txt", b"not an archive")
    ran = run_on_servers("replay", "--dry-run", "--json", "downloads", "downloads/*/*.wacz")
    total = lines(ran)[-1]
    assert (ran.status, total["pages"], total["outcomes"]) == (1, 2, {"new": 2})
    assert total["left_out"] == {"other_file": 1, "empty_body": 1, "no_warc_file": 1}
    assert ran.err.strip() == (
        "c.arc.gz: an ARC file, which came before WARC; `warcio recompress` makes a WARC file of it; skipped"
    )
    assert [line["archive"] for line in lines(ran)[:-1]] == ["a.warc.zst:0", "b.wacz/archive/data.warc.gz:0"]
    ran = run_on_servers("replay", "--dry-run", "downloads/crawl/b.wacz")
    assert ran.status == 0
    assert "empty_body" in ran.err
    assert "b.wacz/archive/data.warc.gz:" in ran.err
    piped = run_on_servers("replay", "--dry-run", "--json", "-", stdin=gzipped([answer(urls[0], html)]))
    assert lines(piped)[-1]["outcomes"] == {"new": 1}


def test_an_unforeseen_failure_of_the_parser_ends_one_page(
    run_on_servers: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def parse_but_one(body: bytes, **options: Any) -> ParsedPage:
        if b"opens" in body:
            raise LookupError("no harbour")
        return parse_page(body, **options)

    monkeypatch.setattr(replay_preview, "parse_page", parse_but_one)
    ran = run_on_servers("replay", "--dry-run", "--json", str(warc(tmp_path, story("Harbour opens"), story("Closed"))))
    assert ran.status == 1
    assert lines(ran)[-1]["outcomes"] == {"quarantined": 1, "new": 1}
    assert "no harbour" in ran.out


@pytest.mark.parametrize("arguments", [["no.warc.gz"], ["."]])
def test_a_file_that_is_not_there_is_one_sentence(run_on_servers: Run, arguments: list[str]) -> None:
    ran = run_on_servers("replay", *arguments)
    assert (ran.status, ran.err.count("\n")) == (2, 1)
