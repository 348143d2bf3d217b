"""Running strips in the markup of many themes and in many languages, and what merely looks like one."""

import pytest

from tests.parser.lists.headline_pages import read
from tests.parser.lists.running_strips import MARKUPS, PAPERS, Lines, addresses, page_of

URL = "https://novine.example/2026/11/10/n-48300.html"


@pytest.mark.parametrize("language", PAPERS)
@pytest.mark.parametrize("markup", MARKUPS)
def test_a_strip_is_a_ticker_with_every_headline_once(markup: str, language: str) -> None:
    paper = PAPERS[language]
    lines = addresses(paper)
    found = read(page_of(paper, MARKUPS[markup](paper.label, lines)), URL)
    assert [(h.kind, h.text, h.url) for h in found.headlines] == [
        ("ticker", text, f"https://novine.example{url}") for text, url in lines
    ]


TIMES = ("14:05", "13:40", "13:02", "11:59")
DATES = ("9.11.2026", "8.11.2026", "8.11.2026", "28.10.2026")
DAYS = ["2026-11-09", "2026-11-08", "2026-11-08", "2026-10-28"]


def with_values(lines: Lines, form: str, values: tuple[str, ...]) -> str:
    return "".join(
        form.format(url=url, text=text, value=value) for (text, url), value in zip(lines, values, strict=True)
    )


@pytest.mark.parametrize("language", PAPERS)
@pytest.mark.parametrize(
    ("box", "form"),
    [
        ("ul class=ticker", "<li><a href={url}>{value} {text}</a></li>"),
        ("marquee", "<a href={url}>[{value}] {text}</a> &bull; "),
        ("ul class=news-ticker", "<li><i>{value}</i> – <a href={url}>{text}</a></li>"),
        ("ul class=news-ticker", "<li><a href={url}>{text} ({value})</a></li>"),
        ("ul class=news-ticker", "<li>{value} – {text}</li>"),
    ],
)
@pytest.mark.parametrize(("values", "days"), [(TIMES, [None] * 4), (DATES, DAYS)])
def test_times_and_dates_are_no_part_of_a_headline(
    language: str, box: str, form: str, values: tuple[str, ...], days: list[str | None]
) -> None:
    paper = PAPERS[language]
    strip = f"<{box}>{with_values(addresses(paper), form, values)}</{box.partition(' ')[0]}>"
    found = read(page_of(paper, strip), URL)
    assert [(h.kind, h.text) for h in found.headlines] == [("ticker", text) for text in paper.headlines]
    assert [h.published_at for h in found.headlines] == days


@pytest.mark.parametrize("language", PAPERS)
@pytest.mark.parametrize("separator", [" | ", " +++ ", " *** ", " • "])
def test_a_strip_of_texts_without_its_label(separator: str, language: str) -> None:
    paper = PAPERS[language]
    for start in (f"{paper.label}: ", f"{paper.label}{separator}"):
        strip = f"<div class=scroll-news>{start}{separator.join(paper.headlines)}</div>"
        found = read(page_of(paper, strip), URL)
        assert [(h.kind, h.text, h.url) for h in found.headlines] == [
            ("ticker", text, None) for text in paper.headlines
        ]


def test_an_advertisement_in_a_strip_is_left_out() -> None:
    paper = PAPERS["hu"]
    entries = with_values(addresses(paper), "<li><a href={url}>{text}</a></li>", DATES)
    advert = (
        "<li class=ad><a href=https://hirdetes.test/click?id=77123>A legjobb matrac az egész évben csak nálunk</a></li>"
    )
    found = read(page_of(paper, f"<ul class=ticker>{entries}{advert}</ul>"), URL)
    assert [h.text for h in found.headlines] == list(paper.headlines)


def test_a_strip_is_not_merged_with_what_stands_beside_it() -> None:
    paper, other = PAPERS["ro"], PAPERS["vi"]
    strip = with_values(addresses(paper), "<li><a href={url}>{text}</a></li>", DATES)
    beside = with_values(addresses(other), "<div><h3><a href=/x{url}>{text}</a></h3></div>", DATES)
    for above in (f"{beside}<ul id=ticker>{strip}</ul>", f"<ul id=ticker>{strip}</ul>{beside}"):
        found = read(page_of(paper, f"<div>{above}</div>"), URL)
        assert [h.text for h in found.headlines if h.kind == "ticker"] == list(paper.headlines)


def test_adverts_in_a_banner_above_the_menu_are_no_headlines() -> None:
    paper = PAPERS["uk"]
    links = with_values(addresses(paper), "<div><a href={url}><h3>{text}</h3></a></div>", DATES)
    menu = "<nav><a href=/a/>A</a><a href=/b/>B</a></nav>"
    assert read(page_of(paper, f"<div id=banner>{links}</div>{menu}"), URL).headlines == []
    assert len(read(page_of(paper, f"<div id=banner>{links}</div>"), URL).headlines) == 4


@pytest.mark.parametrize(
    "strip",
    [
        "<div class=ticker><a href=/q/n-48111>ALFA CEMENT 32.19 -0.5%</a><a href=/q/n-48112>BETA SARE 6.632,1 +0.1%</a>"
        "<a href=/q/n-48113>GAMA PODURI 12,4 -1 %</a></div>",
        "<marquee>ALFA 6,632.19 -0.6% -40 | BETA 46,558.47 -0.3% -119 | GAMA 22,105.36 -0.9% -206</marquee>",
        "<div class=ticker>EUR / RON 4.97 +0.2 % | USD / RON 4.58 -0.1 % | CHF / RON 5.21 +0.4 %</div>",
        "<div class=ticker>Kisumu 24 °C anga safi leo | Mombasa 29 °C mvua kidogo leo | Nakuru 18 °C mawingu leo</div>",
        "<div class=ticker><a href=/n-2026-1>Marl 2 – 1 Lindow final</a><a href=/n-2026-2>Tolm 0 – 0 Harrow</a></div>",
        "<div class=ticker-menu><a href=/politica/>Politică</a> | <a href=/stiri-externe/>Externe</a></div>",
        "<div class=cookie-ticker><p>Folosim cookie-uri ca pagina să meargă mai bine pentru cititori.</p></div>",
        "<div class=marquee><a href=https://oferte.test/a-b-c-d-1>Trei cămăși la preț de două</a>"
        "<a href=https://oferte.test/a-b-c-d-2>Livrare gratuită numai astăzi pentru toți</a></div>",
        "<marquee>Trimiteți fotografii la redacție, la numărul 0800 123 456</marquee>",
        "<div class=footer-ticker>Scrieți-ne chiar azi! • Scrieți-ne chiar azi! • Scrieți-ne chiar azi!</div>",
    ],
)
def test_what_only_runs_like_a_ticker(strip: str) -> None:
    assert read(page_of(PAPERS["ro"], strip), URL).headlines == []
