"""What surely is HTML by its first bytes is no feed, and what may be one is looked at."""

import pytest

from services.parser.documents.kinds import is_surely_html, parse_feed

RSS = "<rss version=2><channel><item><title>A headline of the day</title><link>https://a.example/1</link></item></rss>"
JSON_FEED = '{ "version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [{"id": 1, "title": "A line"}]}'
PAGES = [
    "<!DOCTYPE html><html lang=en><p>x",
    " \n<!doctype html PUBLIC 'x'>\r\n<HTML>",
    "<body\n>",
    "<html>\n" + "line\n" * 30 + JSON_FEED,
    "<!doctype " + "\u4e00" * 9000 + "><html>\n\u65b0\u805e {",
    "<html>" + RSS,
    "<!doctype html><html>\n" + RSS,
]
DOUBTFUL = [
    RSS,
    "<!doctype rss>" + RSS,
    "<!doctype html><!-- x -->" + RSS,
    "<!doctype html [ ]><html>",
    "<html:rss>",
    "<htmlx>",
    "\u00a0<html>",
    "<html>\n" + JSON_FEED,
    "<html>\nwarning\n\u00a0\u2003\n\x1c" + JSON_FEED,
    "<html>\n" + "\u3000" * 5000 + JSON_FEED,
    JSON_FEED,
    "words",
    "",
]


@pytest.mark.parametrize("text", PAGES)
def test_what_surely_is_html_is_no_feed(text: str) -> None:
    assert is_surely_html(text.encode())
    assert parse_feed(text, None) is None


@pytest.mark.parametrize("text", DOUBTFUL)
def test_what_may_be_a_feed_is_looked_at(text: str) -> None:
    assert not is_surely_html(text.encode())


@pytest.mark.parametrize("text", [text for text in DOUBTFUL if "<html>\n" in text])
def test_a_feed_behind_what_looks_like_html_is_found(text: str) -> None:
    assert parse_feed(text, None) is not None
