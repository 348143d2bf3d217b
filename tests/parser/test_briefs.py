"""News briefs: one short dated paragraph is an article."""

import pytest

from services.parser.body.article import Body
from services.parser.body.context import Guide
from services.parser.briefs import read_brief
from services.parser.fields.metadata import read_metadata
from services.parser.outline.outline import outline_of
from services.parser.page import parse_page
from shared.parsed_page import Article

URL = "https://vale-beacon.example/news/mill-bridge-closed-4711"
TITLE = "Mill bridge closed until Friday"
BRIEF = "A lorry lost its load of gravel on the mill bridge at noon; nobody was hurt."
RAIL = "".join(
    f'<li><a href="/news/2024-story-{at}">Story number {at} of the day in the vale</a></li>' for at in range(6)
)
DATE = '<p class="date">3 May 2024</p>'
LD = """<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Mill bridge closed until Friday",
"datePublished": "2024-05-03"}</script>"""


def html_of(main: str, head: str = "") -> str:
    return f"""<html lang="en"><head><title>{TITLE} | The Vale Beacon</title>{head}</head><body>
    <nav><a href="/news/">News</a> <a href="/sport/">Sport</a></nav><main>{main}<aside><h2>Latest</h2>
    <ul>{RAIL}</ul></aside></main><footer><p>© 2024 The Vale Beacon</p></footer></body></html>"""


def parse(main: str, head: str = "") -> Article | None:
    return parse_page(html_of(main, head).encode(), url=URL).article


def brief(main: str, head: str = "", url: str = URL) -> Body | None:
    outline = outline_of(html_of(main, head))
    return read_brief(outline, Guide(title=TITLE, url=url), read_metadata(outline, url))


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize(
    ("shape", "head"),
    [
        (f"<article><h1>{TITLE}</h1>{DATE}<p>%s</p></article>", ""),
        (f"<div><h1>{TITLE}</h1><div>%s</div>{DATE}</div>", ""),
        (f"<h2>{TITLE}</h2><p>%s</p>", LD),
        (f"<h1>{TITLE}</h1><span>By Anne Larkin, 3 May 2024</span><p>%s</p>", ""),
    ],
)
def test_a_brief_is_an_article(shape: str, head: str, times: int) -> None:
    text = " ".join([BRIEF + " The police say so."] * times)
    found = brief(shape % text, head)
    assert found is not None
    assert found.text == text
    article = parse(shape % text, head)
    assert article is not None
    assert (article.title, article.published_at, article.text) == (TITLE, "2024-05-03", text)


@pytest.mark.parametrize(
    "main",
    [
        f"<h1>{TITLE}</h1><p>{BRIEF} It was late.</p>",  # no date
        f"<h1>Traffic news</h1>{DATE}<p>{BRIEF} It was late.</p>",  # not the page's headline
        f'<h1><a href="/news/mill-4711">{TITLE}</a></h1>{DATE}<p>{BRIEF} It was late.</p>',  # another page's
        f"<h1>{TITLE}</h1>{DATE}<p>Closed.</p>",
        f'<h1>{TITLE}</h1>{DATE}<div class="cookie-notice"><p>{BRIEF} It was late.</p></div>',
    ],
)
def test_without_headline_date_or_sentence_there_is_no_brief(main: str) -> None:
    assert brief(main) is None


def test_a_home_page_has_no_brief() -> None:
    main = f"<h1>{TITLE}</h1>{DATE}<p>{BRIEF} It was late.</p>"
    assert brief(main) is not None
    assert brief(main, url="https://vale-beacon.example/") is None
