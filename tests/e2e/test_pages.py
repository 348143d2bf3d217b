"""Pages of all kinds, from a site on loopback to rows in Postgres, through the real workers."""

import re
import threading

import pytest
from celery import Celery

from shared.messages import FetchRequest, Follow, Origin
from tests.e2e.stack import Stack
from tests.support.site import Answer, Site, dead_port
from tests.support.waiting import wait_until

NEVER_EXPIRES = -1  # what Redis says of such a key; -2 of one that is gone meanwhile

PARAGRAPH = "The new harbour has opened after nine years of work, the port authority said on Thursday morning. "


def story(title: str) -> bytes:
    return f"""<!doctype html><html lang="en"><head><title>{title}</title><meta property="og:type" content="article">
<meta property="og:title" content="{title}"></head><body><main><article><h1>{title}</h1>
<p>{PARAGRAPH * 3}</p><p>{PARAGRAPH * 2}</p></article></main></body></html>""".encode()


def feed(*urls: str) -> bytes:
    items = "".join(f"<item><title>Story number {n}</title><link>{url}</link></item>" for n, url in enumerate(urls))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()


def served_feed(site: Site, path: str, *urls: str) -> str:
    return site.serve(path, Answer(feed(*urls), headers={"Content-Type": "application/rss+xml"}))


def test_an_article_lands_as_rows(stack: Stack, site: Site) -> None:
    url = site.serve("/harbour", story("Harbour opens"))
    row = stack.land(FetchRequest(origin=Origin(url=url, source="desk")))[url]
    assert (row["fate"], row["source"], row["http_status"], row["attempts"]) == ("stored", "desk", 200, 1)
    (article,) = [a for a in stack.rows("SELECT * FROM news.articles") if a["url"] == url]
    assert "port authority" in article["body"]
    again = stack.land(url)[url]
    assert (again["fate"], again["reason"], again["page_type"]) == ("unchanged", "same_body", "article")
    assert again["fetched_at"] > row["fetched_at"]
    assert stack.land(FetchRequest(origin=Origin(url=url), fresh=True))[url]["reason"] is None


def test_headlines_are_followed_once_and_one_step(stack: Stack, site: Site) -> None:
    one, two = site.serve("/one", story("One")), site.serve("/two", story("Two"))
    elsewhere = f"http://localhost:{dead_port()}/elsewhere"
    url = served_feed(site, "/feed.xml", one, two, one + "#comments", elsewhere)
    rows = stack.land(FetchRequest(origin=Origin(url=url, source="feed"), follow=Follow()))
    assert [rows[u]["fate"] for u in (url, one, two)] == ["stored"] * 3
    assert (rows[one]["found_on"], rows[one]["source"]) == (url, "feed")
    assert elsewhere not in rows
    stack.land(FetchRequest(origin=Origin(url=url, source="feed"), follow=Follow()))
    assert (site.asked("/feed.xml"), site.asked("/one")) == (2, 1)


def test_every_page_has_a_fate_and_a_reason(stack: Stack, site: Site) -> None:
    pdf = {"Content-Type": "application/pdf"}
    site.serve("/loop", Answer(b"", 302, {"Location": "/loop2"}))
    site.serve("/loop2", Answer(b"", 302, {"Location": "/loop"}))
    site.serve("/moved", Answer(b"", 301, {"Location": "/target"}))
    site.serve("/target", story("Target"))
    site.serve("/inward", Answer(b"", 302, {"Location": "http://169.254.169.254/latest/meta-data/"}))
    expected = {
        site.url("/nowhere"): ("gone", "http_404"),
        site.serve("/gone", Answer(b"gone", 410)): ("gone", "http_410"),
        site.serve("/forbidden", Answer(b"no", 403)): ("failed", "http_403"),
        site.serve("/broken", Answer(b"oops", 503)): ("failed", "http_503"),
        site.serve("/pdf", Answer(b"%PDF-1.7 " + bytes(600), headers=pdf)): ("refused", "unsupported_type"),
        site.serve("/lying", Answer(b"%PDF-1.7 " + bytes(600))): ("refused", "unsupported_type"),
        site.serve("/empty", Answer(b"")): ("refused", "empty_body"),
        site.url("/loop"): ("failed", "redirect_loop"),
        site.url("/inward"): ("refused", "address_denied"),
        site.url("/moved"): ("stored", None),
        f"http://127.0.0.1:{dead_port()}/": ("failed", "connect_failed"),
        "http://10.255.255.1/": ("refused", "address_denied"),
        "file:///etc/passwd": ("refused", "scheme_unsupported"),
        "no url at all": ("refused", "scheme_unsupported"),
        "http://": ("refused", "invalid_url"),
        "https://news.example/" + "x" * 9_000: ("refused", "invalid_url"),
    }
    rows = stack.land(*expected)
    assert {url: (rows[url]["fate"], rows[url]["reason"]) for url in expected} == expected
    assert rows[site.url("/moved")]["final_url"] == site.url("/target")
    assert (site.asked("/broken"), rows[site.url("/broken")]["attempts"]) == (3, 3)
    assert all(row["detail"] for row in rows.values() if row["reason"])


def test_a_page_that_works_at_the_second_attempt_is_stored(stack: Stack, site: Site) -> None:
    url = site.serve("/shaky", Answer(b"busy", 503), story("Shaky"))
    row = stack.land(url)[url]
    assert (row["fate"], row["attempts"], row["reason"]) == ("stored", 2, None)
    (visit,) = stack.rows(f"SELECT * FROM news.visits WHERE page_id = {row['page_id']}")
    assert [(one["reason"], one["http_status"]) for one in visit["earlier_attempts"]] == [("http_503", 503)]
    assert (visit["fate"], visit["attempts"], visit["http_status"]) == ("stored", 2, 200)


@pytest.mark.parametrize("positional", [True, False])
def test_a_foreign_celery_app_sends_by_name(positional: bool, stack: Stack, site: Site) -> None:
    foreign = Celery("scheduler", broker=stack.endpoints.redis_url, set_as_current=False)
    url = site.serve(f"/foreign{positional}", story("Foreign"))
    options = {"source": "scheduler", "follow": {"kinds": ["*"], "same_site": True}}
    arguments = {"args": [[url]], "kwargs": options} if positional else {"kwargs": {"urls": [url], **options}}
    foreign.send_task("fetcher.fetch_pages", queue="depeche:queue:fetch", **arguments)
    foreign.close()
    wait_until(lambda: stack.rows(f"SELECT 1 FROM news.pages WHERE url = '{url}' AND fate = 'stored'"))
    assert stack.rows(f"SELECT source FROM news.pages WHERE url = '{url}'") == [{"source": "scheduler"}]


def test_the_same_url_asked_for_at_the_same_time_is_fetched_once(stack: Stack, site: Site) -> None:
    url = site.serve("/same", story("Same"))
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        stack.ledger.accept([FetchRequest(origin=Origin(url=url))])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stack.wait_until_landed()
    assert site.asked("/same") == 1


def test_nothing_stays_in_redis_when_all_has_landed_but_what_expires(stack: Stack, site: Site) -> None:
    stack.land(*(site.serve(f"/page{n}", story(f"Page {n}")) for n in range(20)))
    left = {key.decode() for key in stack.client.keys("depeche:*")}
    of_workers = re.compile("depeche:(consumed|consumers|consumer:.*)")  # as many as there are workers
    staying = {key for key in left if stack.client.ttl(key) == NEVER_EXPIRES and not of_workers.fullmatch(key)}
    assert staying <= {f"depeche:{name}" for name in ("clock", "postgres", "seen", "slots", "taken", "touched")}
