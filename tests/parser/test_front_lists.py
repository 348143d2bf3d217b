"""What the lists of a front are called and how they are ordered: kinds by their own labels, the lead story first."""

import pytest

from services.parser.page import parse_page
from shared.parsed_page import Headline

SITE = "https://www.varnholt.example"
STORIES = [
    "Hamnens gamla kran flyttas till torget i Varnholt",
    "Färjan till öarna ställs in hela nästa vecka",
    "Bagaren som byggde en orgel av gamla vattenrör",
    "Skolan i Norrby får tillbaka sin egen skog",
    "Sjömännen vill ha fyrens ljus tänt om dagen",
    "Biblioteket lånar ut verktyg och symaskiner",
    "Domstolen prövar striden om den delade bron",
    "Orkestern spelar i gruvan för första gången",
    "Laxen är tillbaka i ån efter fyrtio år",
    "Kommunen köper kvarnen som den en gång sålde",
    "Isvägen öppnar två veckor senare än i fjol",
    "Teatern söker hundra statister till vintern",
]


def link(at: int) -> str:
    return f'<a href="/nyheter/2025/03/{at + 10}/story-{at}-4820{at:02}">{STORIES[at]}</a>'


def cards(first: int, last: int, tag: str = "h3") -> str:
    return "".join(f"<div class='item'><{tag}>{link(at)}</{tag}></div>" for at in range(first, last))


def headlines(body: str, path: str = "/", head: str = "") -> list[Headline]:
    source = f'<html lang="sv"><head><title>Varnholts Tidning</title>{head}</head><body>{body}</body></html>'
    return parse_page(source.encode(), url=SITE + path).headlines


def kind_and_label(lines: list[Headline], at: int) -> tuple[str, str | None]:
    return next((line.kind, line.label) for line in lines if line.text == STORIES[at])


# A box with a label of its own and no list, and the list that follows it.
BOXES = [
    '<section class="tv"><h2>{label}</h2><p>Kvällens sändning börjar klockan nio</p></section>',
    '<div class="box"><h2>{label}</h2><p><a href="/alla/">Alla</a></p></div>',
    "<aside><h2>{label}</h2></aside>",
]


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize(
    "label", ["Mest läst", "Senaste nytt", "Just nu", "Popular now", "Lo más leído", "الأكثر قراءة"]
)
def test_the_label_of_the_box_before_says_nothing_of_a_list(box: str, label: str) -> None:
    culture = f"<section><h2><a href='/kultur/'>Kultur</a></h2>{cards(4, 8)}</section>"
    lines = headlines(f"<main>{cards(0, 4)}</main>{box.format(label=label)}{culture}")
    for at in range(4, 8):
        assert kind_and_label(lines, at) == ("front", "Kultur")


@pytest.mark.parametrize(
    "heading", ["<h2>{label}</h2>", "<div class='section-title'>{label}</div>", "<header><h3>{label}</h3></header>"]
)
@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Mest läst", "most_read"),
        ("Senaste nytt", "latest"),
        ("En continu", "latest"),
        ("ताज़ा खबरें", "latest"),
        ("Kultur", "front"),
    ],
)
def test_a_list_s_own_label_gives_its_kind(heading: str, label: str, kind: str) -> None:
    rows = "".join(f"<li>{link(at)}</li>" for at in range(4, 9))
    lines = headlines(f"<main>{cards(0, 4)}</main><section>{heading.format(label=label)}<ul>{rows}</ul></section>")
    assert [kind_and_label(lines, at)[0] for at in range(4, 9)] == [kind] * 5
    assert [line.kind for line in lines if line.text in STORIES[:4]] == ["front"] * 4


def test_a_heading_below_a_label_is_one_of_its_parts() -> None:
    part = (
        f"<h2>Mest läst</h2><div><h3>Kultur</h3><ul>{''.join(f'<li>{link(at)}</li>' for at in range(4, 9))}</ul></div>"
    )
    lines = headlines(f"<main>{cards(0, 4)}</main><section>{part}</section>")
    assert kind_and_label(lines, 5) == ("most_read", "Mest läst")


@pytest.mark.parametrize("path", ["/kultur.html", "/senaste-nytt.html", "/tagg/hamnen", "/kultur-48201.html"])
@pytest.mark.parametrize("head", ["", '<meta property="og:type" content="article">'])
def test_lists_of_a_page_found_to_be_a_listing_late_are_those_of_a_front(path: str, head: str) -> None:
    intro = "<p>Allt om teater, musik och böcker i Varnholt, hela dagen och hela året runt i vår tidning.</p>"
    lines = headlines(f"<main><h1>Kultur</h1>{intro}{cards(0, 10)}</main>", path, head)
    assert [line.text for line in lines] == STORIES[:10]
    assert {line.kind for line in lines} == {"front"}
    assert [line.position for line in lines] == list(range(1, 11))


LEADS = [
    f"<div class='lead'><h1>{link(6)}</h1><p>Tre byar vill äga samma bro, och ingen vill laga den.</p></div>",
    f"<h1>{link(6)}</h1>",
    f"<article class='top-story'><a href='/nyheter/2025/03/16/story-6-482006'><h2>{STORIES[6]}</h2></a></article>",
    f"<div class='card card-featured'><h3>{link(6)}</h3></div>",
]


@pytest.mark.parametrize("lead", LEADS)
def test_the_lead_story_comes_first(lead: str) -> None:
    strip = f"<div class='news'><ul>{''.join(f'<li>{link(at)}</li>' for at in range(4))}</ul></div>"
    lines = headlines(f"{strip}<main><div class='top'>{lead}</div><div class='rest'>{cards(7, 12)}</div></main>")
    fronts = [line for line in lines if line.kind == "front"]
    assert (fronts[0].text, fronts[0].position) == (STORIES[6], 1)
    assert [line.text for line in fronts if line.text in STORIES[7:]] == STORIES[7:]


def test_a_first_card_stays_first_before_later_headings() -> None:
    first = f"<div class='big'><img src='/kran.jpg' alt=''>{link(0)}</div>"
    lines = headlines(f"<main>{first}{cards(1, 5)}<section><h2>Kultur</h2>{cards(5, 10, 'h2')}</section></main>")
    assert lines[0].text == STORIES[0]


def test_the_script_of_a_label_without_spaces_is_short() -> None:
    stories = "".join(
        f"<li><a href='/2025/03/{at + 10}/{4820000 + at}'>港の古い図書館が第{at}回の催しを開く</a></li>"
        for at in range(9)
    )
    for label, kind in (
        ("人気ランキング", "most_read"),
        ("街の演劇と音楽と本の話題を一日じゅうお届けします。", "front"),
    ):
        lines = headlines(f"<main><h1>文化</h1><div><p>{label}</p><ul>{stories}</ul></div></main>", "/culture/")
        assert {line.kind for line in lines} == {kind}


@pytest.mark.parametrize("title", ["Senaste nytt", "Latest news from the coast", "Últimas noticias", "آخر الأخبار"])
@pytest.mark.parametrize("path", ["/senaste-nytt", "/latest-news.html", "/nytt/page/2/"])
def test_a_page_of_the_latest_news_is_made_of_its_lists(title: str, path: str) -> None:
    rows = "".join(f"<li><time datetime='2025-03-04'>1{at % 10}:00</time> {link(at)}</li>" for at in range(10))
    most_read = f"<aside><h2>Mest läst</h2><ol>{''.join(f'<li>{link(at)}</li>' for at in range(3, 8))}</ol></aside>"
    lines = headlines(f"<main><h1>{title}</h1><ul>{rows}</ul></main>{most_read}", path)
    assert [line.kind for line in lines] == ["front"] * 10 + ["most_read"] * 5
