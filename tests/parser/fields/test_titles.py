"""The article's title, without the site's name."""

import pytest

from services.parser.fields.metadata import read_metadata
from services.parser.fields.titles import find_title
from services.parser.outline.outline import outline_of

URL = "https://www.beacon.example/news/harbour"


LD = '<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{}"}}</script>'


def title(html: str) -> str | None:
    outline = outline_of(html)
    title = find_title(outline, read_metadata(outline, URL))
    return title.text if title is not None else None


@pytest.mark.parametrize(
    "page_title",
    [
        "Harbour grows after long wait | The Beacon",
        "Harbour grows after long wait - The Beacon",
        "The Beacon: news » Harbour grows after long wait".replace(": news", ""),
        "Harbour grows after long wait | Town | The Beacon",
        "Harbour grows after long wait — beacon.example",
        "Harbour grows after long wait｜The Beacon",
        "Harbour grows after long wait",
    ],
)
def test_the_sites_name_goes(page_title: str) -> None:
    site = '<meta property="og:site_name" content="The Beacon">'
    assert title(f"<title>{page_title}</title>{site}") == "Harbour grows after long wait"
    heading = "<h1>Harbour grows after long wait</h1>"
    assert title(f"<title>{page_title}</title>{heading}") == "Harbour grows after long wait"


@pytest.mark.parametrize("page_title", ["Old quay - {}", "{} – Old quay", "Old quay | {}"])
def test_a_heading_that_leads_home_is_the_sites_name(page_title: str) -> None:
    name = "Harbour tales - of ships and men"
    logo = f'<h1><a href="https://www.beacon.example/">{name}</a></h1>'
    assert title(f"<title>{page_title.format(name)}</title>{logo}<p>x</p>") == "Old quay"
    assert title(f'<title>{name}</title><h1><a href="/news/harbour">{name}</a></h1>') == name
    assert title(f'<title>{name}</title><h1><a href="http://[x">{name}</a></h1>') == name


def test_a_kicker_that_stands_without_space_in_the_heading() -> None:
    claim = "Harbour news / The quay grows after a long wait"
    head = f'<title>{claim}</title><meta property="og:title" content="{claim}">'
    heading = "<h1><span>Harbour news</span><span>The quay grows after a long wait</span></h1>"
    assert title(head + heading) == claim


def test_the_window_of_a_translator_is_no_heading() -> None:
    window = '<div class="skiptranslate"><div><h1>Original text</h1></div></div>'
    assert title(f"<title>港の物語、波止場が広がる</title><p>x</p>{window}") == "港の物語、波止場が広がる"


def test_a_dash_within_a_title_stays() -> None:
    assert title("<title>Harbour grows – and the fishermen pay</title>") == "Harbour grows – and the fishermen pay"


def test_the_heading_that_the_head_confirms() -> None:
    html = "<title>Harbour grows after long wait</title><h1>The Beacon</h1><h1>Log in</h1><h1>{}</h1>"
    assert title(html.format("Harbour grows after long wait")) == "Harbour grows after long wait"


def test_the_heading_wins_over_a_title_for_search_engines() -> None:
    html = "<title>Harbour Beacon 2024: Quay, Costs, Map</title><h1>Harbour quay grows after long wait</h1>"
    assert title(html) == "Harbour quay grows after long wait"


@pytest.mark.parametrize("other", ["<nav><h1>Quick links</h1></nav>", "<h1><a href='/'>Quick links</a></h1>"])
def test_the_heading_of_a_box_or_a_logo_does_not(other: str) -> None:
    assert title(f"<title>Harbour grows after long wait</title>{other}") == "Harbour grows after long wait"


def test_the_only_heading_wins_although_nobody_repeats_it() -> None:
    assert title("<title>Harbour grows after long wait</title><h1>Fishermen fear the quay</h1>") == (
        "Fishermen fear the quay"
    )


def test_a_heading_with_its_kicker_that_the_head_repeats_stays_whole() -> None:
    html = '<meta property="og:title" content="Town / {0}"><h1>Town {0}</h1>'
    head = LD.format("Fishermen fear the quay")
    assert title(head + html.format("Fishermen fear the quay")) == "Town Fishermen fear the quay"


def test_a_kicker_in_the_heading_goes() -> None:
    html = '<meta property="og:title" content="Harbour grows after long wait"><h1><span>Town:</span> {}</h1>'
    assert title(html.format("Harbour grows after long wait")) == "Harbour grows after long wait"


def test_a_cut_title_does_not_win() -> None:
    html = '<meta property="og:title" content="Harbour grows after…"><h1>Harbour grows after long wait</h1>'
    assert title(html) == "Harbour grows after long wait"


def test_entities_markup_and_soft_hyphens() -> None:
    html = '<meta property="og:title" content="Har\u00adbour &amp;amp; quay &amp;lt;b&amp;gt;grow&amp;lt;/b&amp;gt;">'
    assert title(html) == "Harbour & quay grow"


def test_nothing_at_all() -> None:
    assert title("<p>x</p>") is None
    assert title("<h1>Only a heading</h1>") == "Only a heading"


OTHER = "Fishermen fear the new quay"


def test_a_second_heading_that_repeats_the_social_title_was_written_for_readers() -> None:
    html = '<title>{0}</title><meta property="og:title" content="{1}"><h1>{0}</h1><h2>After the vote: {1}</h2>'
    assert title(html.format("Harbour quay: costs and map", OTHER)) == OTHER


def test_a_second_heading_that_only_the_page_title_repeats_was_not() -> None:
    html = '<title>{0}</title><meta property="og:title" content="{1}"><h1>{1}</h1><h2>{0}</h2>'
    assert title(html.format("Harbour quay: costs and map", OTHER)) == OTHER


def test_a_heading_that_nobody_repeats_yields_to_one_that_the_page_title_repeats() -> None:
    html = "<title>What people love about the quay</title><h1>They love the quay about noon</h1><h2>{}</h2>"
    assert title(html.format("What people love about the quay?")) == "What people love about the quay"


def test_a_second_heading_within_the_page_title_where_the_first_is_the_sites_name() -> None:
    html = "<title>Harbour News - Town » {0}</title><h1>Harbour News</h1><h2>Menu</h2><h2>{0}</h2>"
    assert title(html.format(OTHER)) == OTHER


def test_a_social_title_may_leave_out_the_second_line_but_a_search_title_may_not() -> None:
    whole = f"{OTHER} and say so"
    heading, social = f"<h1>{whole}</h1>", f'<meta property="og:title" content="{OTHER}">'
    assert title(f"<title>{whole}</title>{social}{heading}") == OTHER
    assert title(f"<title>{OTHER}</title>{social}{heading}") == whole


def test_an_attribute_that_a_quote_broke_is_no_short_title() -> None:
    whole = f'{OTHER} "very much"'
    html = f'<title>{whole}</title><meta property="og:title" content="{OTHER} "very much""><h1>{whole}</h1>'
    assert title(html) == whole


def test_an_article_or_a_year_before_the_title_is_no_kicker() -> None:
    html = '<meta property="og:title" content="Best quays of the coast"><h1>{} Best quays of the coast</h1>'
    assert title(html.format("The")) == "The Best quays of the coast"
    assert title(html.format("2025")) == "2025 Best quays of the coast"


def test_the_sites_name_in_the_heading_goes() -> None:
    assert title(f"<title>{OTHER} – Beacon - Beacon</title><h1>{OTHER} – Beacon</h1>") == OTHER
    assert title(f"<title>{OTHER} | Children | Clinic</title><h1>{OTHER} | Children | Clinic</h1>") == OTHER


def test_an_element_that_was_never_closed_is_no_title_to_look_for_names_in() -> None:
    """At each of its edges; it took 15 s."""
    swallowed = "Old quay " + "- and more " * 200
    site = '<meta property="og:site_name" content="The Beacon">'
    assert title(f"<title>{swallowed}| The Beacon</title>{site}") == f"{swallowed}| The Beacon"


@pytest.mark.parametrize(
    "page_title",
    [
        "{}ㅣ바다신문", "바다신문ㅣ{}", "{} · 바다신문", "{} :: 바다신문", "{}│바다신문", "바다신문 - {}",
    ],
)  # fmt: skip
def test_the_site_s_name_in_any_script(page_title: str) -> None:
    header = '<a href="/">바다신문</a><p>x</p>'
    assert (
        title(f"<title>{page_title.format('시의회, 옛 극장을 사기로')}</title>{header}") == "시의회, 옛 극장을 사기로"
    )


def test_the_site_s_name_between_han_without_spaces() -> None:
    header = '<a href="/">海风网</a><p>x</p>'
    for edge in "_-—":
        assert title(f"<title>市议会买下旧电影院{edge}海风网</title>{header}") == "市议会买下旧电影院"


def test_joiners_stay_and_what_nobody_sees_goes() -> None:
    assert title("<title>نامه\u200cها و کتاب\u200cها\u200f</title><p>x</p>") == "نامه\u200cها و کتاب\u200cها"
    assert title("<title>ക\u200dഷണം വാർ\u00adത്ത\u200b</title><p>x</p>") == "ക\u200dഷണം വാർത്ത"


def test_signs_are_no_markup() -> None:
    assert title("<title>Wind &lt; 30 km/h &gt; no storm in the bay</title>") == "Wind < 30 km/h > no storm in the bay"
    assert title("<title>The &lt;main&gt; element explained</title>") == "The <main> element explained"
    assert title("<title>The &lt;i&gt;Marit&lt;/i&gt; sails &lt;b&gt;a&lt;i&gt;gain&lt;/i&gt;&lt;/b&gt;</title>") == (
        "The Marit sails again"
    )


def test_a_title_that_the_page_shows_wins_over_one_of_every_page() -> None:
    head = (
        '<meta property="og:title" content="Nytt fra fjorden"><title>Kommunen kjøper den gamle kinoen | Bladet</title>'
    )
    assert title(f"{head}<div>Kommunen kjøper den gamle kinoen</div>") == "Kommunen kjøper den gamle kinoen"
    assert title(f"{head}<h2>Kommunen kjøper den gamle kinoen</h2>") == "Kommunen kjøper den gamle kinoen"
    assert title(f"{head}<div>Nytt fra fjorden</div>") == "Nytt fra fjorden"


def test_a_title_that_names_the_site_yields_to_the_page_s() -> None:
    page = "<title>市議会、映画館を購入：海風新聞</title><a href='/'>海風新聞</a><p>x</p>"
    for claim in ("海風新聞", "海風新聞 - 港町のニュース"):
        assert title(f'<meta property="og:title" content="{claim}">{page}') == "市議会、映画館を購入"


def test_a_second_heading_that_says_more_than_the_claim() -> None:
    head = '<meta property="og:title" content="Treffen im Hafen 2028"><title>Verein der Lotsen</title>'
    assert (
        title(f"{head}<h1>Termine</h1><h2>Treffen im Hafen 2028 – mit Musik</h2>")
        == "Treffen im Hafen 2028 – mit Musik"
    )
