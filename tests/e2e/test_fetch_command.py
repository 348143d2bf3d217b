"""`depeche fetch` and a reader that goes away, on a stack of real workers."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shared.messages import FetchRequest, Origin
from tests.e2e.stack import Stack
from tests.e2e.test_pages import served_feed, story
from tests.support.running import Ran, depeche
from tests.support.site import Answer, Site
from tests.support.waiting import wait_until

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, stack: Stack):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("DEPECHE_REDIS_URL", stack.endpoints.redis_url)
    monkeypatch.setenv("DEPECHE_DATABASE_URL", stack.endpoints.database_url)
    return lambda *arguments, stdin=b"": depeche(monkeypatch, capsys, *arguments, stdin=stdin)


def lines(ran: Ran) -> list[dict[str, object]]:
    return [json.loads(line) for line in ran.out.splitlines()]


def test_wait_shows_each_page_in_the_order_of_asking(run, site: Site) -> None:
    good, gone = site.serve("/good", story("Good")), site.url("/gone")
    ran = run("fetch", gone, good, good, "--wait", "--json")
    assert [(line["url"], line["fate"]) for line in lines(ran)] == [(gone, "gone"), (good, "stored")]
    assert ran.status == 1, "one page is gone"
    ran = run("fetch", good, "--wait")
    assert ran.status == 0
    assert "unchanged" in ran.out


def test_fresh_reads_what_has_not_changed(run, site: Site) -> None:
    url = site.serve("/fresh", story("Fresh"))
    reasons = [lines(run("fetch", url, "--wait", "--json", *more))[0]["reason"] for more in ((), (), ("--fresh",))]
    assert reasons == [None, "same_body", None]


def test_the_way_of_a_page_can_be_traced(run, site: Site) -> None:
    shaky, missing = site.serve("/shaky-story", Answer(b"busy", 503), story("Shaky")), site.url("/missing-story")
    front = served_feed(site, "/traced.xml", shaky, missing)
    run("fetch", front, "--follow", "feed", "--source", "desk", "--wait")
    traced = json.loads(run("trace", shaky, "--json").out)
    (found,) = traced["found"]
    assert (found["page_url"], found["kind"], found["position"]) == (front, "feed", 1)
    (visit,) = traced["visits"]
    assert (visit["fate"], visit["attempts"], visit["source"], visit["found_on"]) == ("stored", 2, "desk", front)
    assert [attempt["http_status"] for attempt in visit["earlier_attempts"]] == [503]
    assert [article["article_id"] for article in traced["articles"]] == [visit["article_id"]]
    assert "gone  HTTP 404" in run("trace", missing).out
    assert run("trace", site.url("/never-heard-of")).status == 1


def test_urls_from_a_file_and_from_standard_input(run, site: Site, tmp_path: Path) -> None:
    one, two = site.serve("/f1", story("F1")), site.serve("/f2", story("F2"))
    (tmp_path / "urls.txt").write_bytes(f"\ufeff{one}\r\n\r\n# not this\n  {two}  \n".encode())
    from_file = run("fetch", "--file", "urls.txt", "--wait", "--json")
    assert [line["url"] for line in lines(from_file)] == [one, two]
    assert from_file.status == 0
    from_stdin = run("fetch", "-f", "-", "--wait", "--json", stdin=f"{two}\n{one}\n".encode())
    assert [(line["url"], line["fate"]) for line in lines(from_stdin)] == [(two, "unchanged"), (one, "unchanged")]


def test_pages_that_were_followed_are_waited_for_and_shown(run, site: Site) -> None:
    story_url = site.serve("/followed", story("Followed"))
    feed = served_feed(site, "/feed-of-command.xml", story_url)
    ran = run("fetch", feed, "--follow", "feed", "--source", "desk", "--wait", "--json")
    assert [(line["url"], line["fate"]) for line in lines(ran)] == [(feed, "stored"), (story_url, "stored")]
    assert ran.status == 0


def test_without_wait_it_says_what_it_accepted(run, site: Site, stack: Stack) -> None:
    url = site.serve("/accepted", story("Accepted"))
    (line,) = lines(run("fetch", url, "--json"))
    assert (line["url"], line["outcome"]) == (url, "new")
    stack.wait_until_landed()
    ran = run("fetch", url)
    assert (ran.status, ran.out, ran.err) == (0, "", "accepted 1 page\n")
    stack.wait_until_landed()


def test_the_timeout_ends_the_waiting_and_not_the_page(run, site: Site, stack: Stack) -> None:
    url = site.serve("/slow", story("Slow"))
    assert run("fetch", url, "--wait").status == 0
    patience = {"Retry-After": "2"}
    site.serve("/slow", Answer(b"busy", 503, patience), story("Slow"))
    ran = run("fetch", url, "--wait", "--json", "--timeout", "0.3")
    (line,) = lines(ran)
    assert (line["url"], line["fate"], line["reason"]) == (url, None, "in_flight")
    assert ran.status == 1
    assert "not all pages have landed" in ran.err
    stack.wait_until_landed()


def test_a_page_in_the_air_is_joined_and_waited_for(run, site: Site, stack: Stack) -> None:
    url = site.serve("/joined", Answer(b"busy", 503, {"Retry-After": "3"}), story("Joined"))
    stack.ledger.accept([FetchRequest(origin=Origin(url=url))])
    ran = run("fetch", url, "--wait", "--json")
    assert [line["fate"] for line in lines(ran)] == ["stored"]
    assert site.asked("/joined") == 2


def command(stack: Stack, *arguments: str) -> "subprocess.Popen[bytes]":
    servers = {"DEPECHE_REDIS_URL": stack.endpoints.redis_url, "DEPECHE_DATABASE_URL": stack.endpoints.database_url}
    return subprocess.Popen(
        [sys.executable, "-m", "cli.main", *arguments],
        env={**os.environ, **servers, "PYTHONPATH": str(PROJECT)},
        cwd=stack.home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("arguments", [["headlines", "--json"], ["headlines"], ["articles", "--json"]])
def test_a_reader_that_has_seen_enough(arguments: list[str], stack: Stack, site: Site) -> None:
    stack.land(*(site.serve(f"/many/{n}", story(f"Many {n} " + "long " * 200)) for n in range(30)))
    process = command(stack, *arguments)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read().decode()
    process.stderr.close()
    process.wait(60)
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


def test_ctrl_c_while_waiting_is_no_error_message(stack: Stack, site: Site) -> None:
    url = site.serve("/interrupted", Answer(b"busy", 503, {"Retry-After": "3"}), story("Interrupted"))
    process = command(stack, "fetch", url, "--wait")
    wait_until(lambda: site.asked("/interrupted"))
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err
    stack.wait_until_landed()
