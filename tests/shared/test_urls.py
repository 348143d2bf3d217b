"""When two addresses mean the same page, and when they must not."""

import re
import tomllib
from pathlib import Path

import pytest

from shared import tracking, urls
from shared.urls import page_key_url, same_site, url_key

STORY = "https://news.example/2025/05/harbour-opens"

SAME = [
    (STORY, f"{STORY}#comments"),
    (STORY, f"{STORY}?utm_source=rss&utm_medium=feed&fbclid=1&at_campaign=x"),
    (STORY, f"{STORY}?CMP=share_btn_tw&ocid=front&srsltid=AfmB"),
    (STORY, f"  {STORY}/\n"),
    (STORY, STORY.replace("https", "http")),
    (STORY, STORY.replace("https://", "HTTPS://WWW.")),
    (STORY, STORY.replace("https://", "https://m.")),
    (STORY, STORY.replace("https://", "https://mobile.")),
    (STORY, STORY.replace("https://", "https://amp.")),
    (STORY, STORY.replace(".example/", ".example.:443/")),
    (STORY, f"{STORY}/amp"),
    (STORY, f"{STORY}/amp/?__twitter_impression=true"),
    (STORY, f"{STORY}?amp"),
    (STORY, f"{STORY}?amp=1&usqp=mq331AQ"),
    (STORY, f"{STORY}?outputType=amp"),
    (STORY, "https://news.example/amp/2025/05/harbour-opens"),
    (f"{STORY}.html", f"{STORY}.amp.html"),
    ("https://news.example/world-europe-48201234", "https://news.example/amp/world-europe-48201234"),
    ("https://news.example/local/the-new-harbour-opens", "https://news.example/local/the-new-harbour-opens/amp"),
    (STORY, f"{STORY};jsessionid=0A1B2C3D4E5F"),
    (STORY, f"{STORY}?PHPSESSID=abc&sid=d41d8cd98f00b204e9800998ecf8427e"),
    ("https://news.example/a/b.aspx?id=1", "https://news.example/(S(lit3py55t21z5v55vlm25s55))/a/b.aspx?id=1"),
    ("https://news.example/a?x=1&y=2", "https://news.example/a?y=2&x=1"),
    ("https://news.example/caf%C3%A9", "https://news.example/café"),
    ("https://news.example", "https://www.news.example/?utm_source=x"),
    ("http://[2001:db8::1]/a", "http://[2001:db8::1]:80/a/"),
    (STORY, f"{STORY}#!/gallery/3"),
    (STORY, STORY.replace("/2025/", "/./2025/")),
    (STORY, f"{STORY}?pk_campaign=a&pk_kwd=b&mtm_keyword=c&piwik_campaign=d"),
    (STORY, f"{STORY}?intcid=box&itm_source=home&itm_content=3&intcmp=x&icid=y&.tsrc=fp"),
    (STORY, f"{STORY}?share=telegram&nb=1"),
    (STORY, f"{STORY}?utm_source=a&amp;utm_medium=b&amp%3Butm_campaign=c"),
    (STORY, f"{STORY}?source=RSS"),
    (STORY, f"{STORY}?rss"),
    (STORY, f"{STORY}?ref=rss&cx_click=ranking&gaa_at=eafs"),
    ("https://news.example/", "https://news.example/?ref=rss"),
    ("https://news.example/harbour-opens-today", "https://news.example/harbour-opens-today?ref=most-read&from=home"),
    ("https://news.example/n/4471203", "https://news.example/n/4471203?src=tlh&position=17&rel=mas"),
    ("https://news.example/articles/c5yk7qz2lpdo", "https://news.example/articles/c5yk7qz2lpdo?mod=top_nav"),
    ("https://news.example/story?id=44233864", "https://news.example/story?id=44233864&cid=clicksource_hed"),
    (STORY, "https://news-example.cdn.ampproject.org/c/s/news.example/2025/05/harbour-opens"),
    (
        STORY,
        "https://news-example.cdn.ampproject.org/v/s/www.news.example/2025/05/harbour-opens/amp/?amp_js_v=0.1&usqp=mq",
    ),
    (STORY, "https://cdn.ampproject.org/c/news.example/2025/05/harbour-opens"),
    (STORY, "https://www.google.co.uk/amp/s/amp.news.example/2025/05/harbour-opens%3Famp%3D1"),
    (STORY, "https://www.google.com/amp/news.example/2025/05/harbour-opens?outputType=amp#referrer=x"),
    (STORY, "https://www-news-example.bing-amp.com/c/s/www.news.example/2025/05/harbour-opens"),
    ("https://news.example/a?id=7", "https://www.google.com/amp/s/news.example/a%3Fid%3D7%26amp%3D1"),
]

APART = [
    (STORY, STORY.replace("opens", "closes")),
    (STORY, "https://sport.news.example/2025/05/harbour-opens"),
    (STORY, f"{STORY}?page=2"),
    (STORY, f"{STORY}?id=1"),
    ("https://news.example/story?id=1", "https://news.example/story?id=2"),
    ("https://news.example/article.php?sid=1204", "https://news.example/article.php?sid=1205"),
    ("https://news.example/article;sid=1204", "https://news.example/article;sid=1205"),
    ("https://news.example/?s=harbour", "https://news.example/?s=election"),
    ("https://news.example/?cid=4411", "https://news.example/?cid=4412"),
    ("https://news.example/?source=reuters", "https://news.example/?source=afp"),
    ("https://news.example/guitars/amp", "https://news.example/guitars"),
    ("https://news.example/amp", "https://news.example/"),
    ("https://news.example/tag/amp/news", "https://news.example/tag/news"),
    ("https://news.example/champ/2025-final-match", "https://news.example/ch/2025-final-match"),
    ("https://news.example/a?amp=guitar", "https://news.example/a"),
    ("https://news.example/a?view=list", "https://news.example/a"),
    ("https://m.example/a-2025", "https://example/a-2025"),
    ("https://amp.example/a-2025", "https://m.example/a-2025"),
    ("https://team.example.com/a", "https://example.com/a"),
    ("https://news.example:8443/a", "https://news.example/a"),
    ("http://127.0.0.1:8001/a", "http://127.0.0.1:8002/a"),
    ("https://news.example/A", "https://news.example/a"),
    ("https://news.example/fr/harbour-2025", "https://news.example/en/harbour-2025"),
    ("https://news.example/view?pk_no=1412361", "https://news.example/view?pk_no=1412239"),
    ("https://news.example/view?at_id=1", "https://news.example/view?at_id=2"),
    ("https://news.example/view?utm=31", "https://news.example/view?utm=32"),
    ("https://news.example/view.php?ref=harbour-opens", "https://news.example/view.php?ref=harbour-closes"),
    ("https://news.example/n/4471203?ref=811", "https://news.example/n/4471203?ref=812"),
    ("https://news.example/archive/2024?source=afp", "https://news.example/archive/2024?source=reuters"),
    ("https://news.example/all-the-news?from=20", "https://news.example/all-the-news?from=40"),
    ("https://news.example/?cid=sport", "https://news.example/?cid=world"),
    ("https://news.example/list?channel=1", "https://news.example/list?channel=2"),
    ("https://news.example/view?nb=2", "https://news.example/view?nb=3"),
    ("https://news.example/amp/s/other.example/a-2025", "https://other.example/a-2025"),
    ("https://www.google.com/amp/s/about", "https://www.google.com/amp/s/contact"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_page(one: str, other: str) -> None:
    assert page_key_url(one) == page_key_url(other)
    assert url_key(one) == url_key(other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_two_pages(one: str, other: str) -> None:
    assert url_key(one) != url_key(other)


def test_each_parameter_is_named_once_with_its_owner_and_its_source() -> None:
    tables = tomllib.loads((Path(tracking.__file__).parent / "tracking_parameters.toml").read_text("utf-8"))
    entries = [entry for table in tables.values() for entry in table]
    assert all(entry["whose"] and entry["documented"] for entry in entries)
    names = [name for table in tables.values() for entry in table if "values" not in entry for name in entry["names"]]
    assert sorted(names) == sorted({name.lower() for name in names})


@pytest.mark.parametrize(
    "text", ["", "not a url", "file:///etc/passwd", "http://", "http://[::1", "https://a:b/", "\ud800"]
)
def test_what_is_no_url_stands_for_itself(text: str) -> None:
    assert page_key_url(text) == text.strip()
    assert len(url_key(text)) == 32


@pytest.mark.parametrize(
    "url", [STORY, "https://www.news.example/amp/1234-a?sid=1", "http://x.example:80/;jsessionid=1"]
)
def test_a_key_is_its_own_key(url: str) -> None:
    assert page_key_url(page_key_url(url)) == page_key_url(url)


@pytest.mark.parametrize("url", sorted({url for pair in SAME + APART for url in pair}))
def test_the_short_way_leads_where_the_long_one_does(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = page_key_url(url)
    monkeypatch.setattr(urls, "PLAIN_PATH", re.compile("(?!)"))
    assert page_key_url(url) == key


def test_sites() -> None:
    assert same_site("https://amp.news.example/a", "https://www.news.example/b")
    assert not same_site("https://news.example/a", "https://fakenews.example/a")
