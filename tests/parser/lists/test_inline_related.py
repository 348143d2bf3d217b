"""Links to other stories between an article's paragraphs, and ranks in the text of a list."""

import pytest

from services.parser.page import parse_page
from shared.parsed_page import ParsedPage

_TEXT = (
    "Statybos tarnyba antradienį pranešė, kad senoji užtvanka pavasarį bus perstatyta po dviejų sunkių žiemų.",
    "Narai nustatė, kad ąžuoliniai poliai po šliuzu supuvo, o inžinierius paprašė dar vieno mėnesio planui.",
    "Šiaurinio kranto ūkininkams, kurie pieną neša lentomis, pasakyta, kad keltas plauks iki darbų pabaigos.",
)


def _page(between: str, beside: str = "") -> ParsedPage:
    page = "<html lang=lt><head><meta charset=utf-8><title>Užtvanka</title></head><body><main><article>"
    page += "<h1>Senoji užtvanka</h1>"
    page += f"<p>{_TEXT[0]}</p>{between}<p>{_TEXT[1]}</p><p>{_TEXT[2]}</p></article></main>{beside}</body></html>"
    return parse_page(page.encode(), url="https://pastas.example/naujienos/2025/11/uztvanka.html")


@pytest.mark.parametrize(
    ("label", "headline"),
    [
        ("Taip pat skaitykite:", "Naujas autobuso į pajūrį tvarkaraštis"),
        ("Přečtěte si také:", "Nový jízdní řád autobusu k moři"),
        ("Olvassa el:", "Új menetrend a tengerparti buszra"),
        ("Bunu da okuyun:", "Sahil otobüsünün yeni tarifesi açıklandı"),
        ("Прочетете още:", "Ново разписание на автобуса до морето"),
        ("بیشتر بخوانید:", "برنامه جدید اتوبوس ساحلی اعلام شد"),
        ("আরও পড়ুন:", "উপকূলের বাসের নতুন সময়সূচি প্রকাশ"),
        ("อ่านเพิ่มเติม:", "ตารางเวลาใหม่ของรถโดยสารไปชายฝั่งทะเล"),
        ("延伸閱讀：", "海岸公車路線公布新的時刻表引發議論"),
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        "<p><strong>{label}</strong> <a href={url}>{headline}</a></p>",
        "<ul><li>{label} <a href={url}>{headline}</a></li></ul>",
        "<blockquote><p><a href={url}>{label} {headline}</a></p></blockquote>",
        "<p><b>{label}</b></p><p><a href={url}>{headline}</a></p>",
    ],
)
def test_a_labelled_link_is_a_related_headline_and_no_text(label: str, headline: str, form: str) -> None:
    url = "https://sportas.pastas.example/2025/10/autobusas-4711.html"
    page = _page(form.format(label=label, headline=headline, url=url))
    assert [(line.kind, line.text, line.url) for line in page.headlines] == [("related", headline, url)]
    assert page.article is not None
    assert page.article.text == "\n".join(_TEXT)


def test_a_link_alone_between_paragraphs_is_a_headline() -> None:
    page = _page("<p><a href=/naujienos/2025/10/choras-1001.html>&gt;&gt; Choras ieško tenorų prieš žiemą</a></p>")
    assert [line.text for line in page.headlines] == ["Choras ieško tenorų prieš žiemą"]


@pytest.mark.parametrize(
    "between",
    [
        "<p>Taryba <a href=/n/2025/10/tiltas-1001.html>pažadėjo ūkininkams naują tiltą</a>, bet pinigų nėra.</p>",
        "<p><a href=/naujienos/2025/10/tiltas-1001.html>Taryba pernai pažadėjo ūkininkams naują medinį tiltą.</a></p>",
        "<p>Read also <a href=https://kita.example/2025/10/tiltas-1001.html>New bridge for the farmers</a></p>",
    ],
)
def test_links_in_sentences_and_to_other_sites_are_no_headlines(between: str) -> None:
    assert not _page(between).headlines


_HEADLINES = [
    "Derliaus šventė perkelta į senas kareivines",
    "Choras ieško tenorų prieš ilgą žiemą",
    "Biblioteka dirbs ir sekmadieniais",
]


@pytest.mark.parametrize(
    "rank", ["{} ", "{}. ", "#{} ", "({}) ", "0{} ", "№ {} ", "{}위 ", "第{}位 ", "{}.º ", "<i>{}.</i> "]
)
def test_ranks_in_order_are_no_part_of_headlines(rank: str) -> None:
    assert _most_read(rank, _HEADLINES) == _HEADLINES


@pytest.mark.parametrize("rank", ["①②③", "١٢٣", "१२३"])
def test_ranks_in_other_digits(rank: str) -> None:
    numbered = [f"{digit} {headline}" for digit, headline in zip(rank, _HEADLINES, strict=True)]
    assert _most_read("", numbered) == _HEADLINES


@pytest.mark.parametrize("rank", ["", "{}. ", "{} "])
def test_numbers_of_headlines_stay(rank: str) -> None:
    own = [
        "5 žmonės žuvo per audrą pajūryje",
        "2025 metų biudžetas pagaliau priimtas",
        "3 dalykai, kuriuos verta žinoti",
    ]
    assert _most_read(rank, own) == own


def _most_read(rank: str, headlines: list[str]) -> list[str]:
    items = "".join(
        f"<li><a href=/naujienos/2025/11/a-{n}00{n}.html>{rank.format(n)}{headline}</a></li>"
        for n, headline in enumerate(headlines, 1)
    )
    page = _page("", f"<aside><h3>Skaitomiausi</h3><ol>{items}</ol></aside>")
    return [line.text for line in page.headlines]
