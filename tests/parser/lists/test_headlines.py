"""Headline lists on small invented pages, one behaviour each."""

from collections.abc import Callable

from services.parser.lists.headlines import find_headlines
from services.parser.outline.outline import Outline, outline_of
from tests.parser.lists.headline_pages import ARTICLE, FRONT, PROSE, STORIES, items, kinds, page, read, texts
from tests.support.steps import assert_linear


def test_a_breaking_bar_above_the_article_is_a_ticker() -> None:
    found = read(page(above=f"<div class='bar'><span>Flash info</span><ul>{items()}</ul></div>"))
    assert texts(found.headlines) == [text for text, _ in STORIES]
    assert kinds(found) == {"ticker"}
    assert [h.position for h in found.headlines] == [1, 2, 3, 4]
    assert {h.label for h in found.headlines} == {"Flash info"}
    assert found.headlines[0].url == "https://courrier.example/meteo/la-riviere-sort-de-son-lit-48300"


def test_a_ticker_by_class_name_may_stand_anywhere_even_in_a_menu() -> None:
    strip = f"<nav><ul class='menu'><li>Rubriques</li></ul><ul id='news-ticker'>{items()}</ul></nav>"
    assert kinds(read(page(above=strip))) == {"ticker"}
    assert kinds(read(page(below=f"<div class='breaking-news'><ul>{items()}</ul></div>"))) == {"ticker"}


def test_a_marquee_of_links() -> None:
    links = "<span>+++</span>".join(f'<a href="{url}">{text}</a>' for text, url in STORIES)
    found = read(page(above=f"<marquee>{links}</marquee>"))
    assert texts(found.headlines) == [text for text, _ in STORIES]
    assert kinds(found) == {"ticker"}


def test_links_between_separators_above_the_article_are_a_ticker() -> None:
    for separator in ("&nbsp;&nbsp;&nbsp;&nbsp;", " | ", " +++ "):
        links = separator.join(f'<a href="{url}">{text}</a>' for text, url in STORIES)
        assert kinds(read(page(above=f"<div>{links}</div>"))) == {"ticker"}


def test_a_marquee_of_texts_gives_headlines_without_addresses() -> None:
    lines = " +++ ".join(text for text, _ in STORIES)
    found = read(page(above=f"<marquee>{lines}</marquee>"))
    assert texts(found.headlines) == [text for text, _ in STORIES]
    assert {h.url for h in found.headlines} == {None}
    assert [h.position for h in found.headlines] == [1, 2, 3, 4]


def test_texts_cut_up_by_no_break_spaces_are_a_ticker() -> None:
    lines = "&nbsp;&nbsp;&nbsp;&nbsp;".join(text for text, _ in STORIES)
    found = read(page(above=f"<div>{lines}&nbsp;&nbsp;&nbsp;&nbsp;</div>"))
    assert texts(found.headlines) == [text for text, _ in STORIES]
    assert kinds(found) == {"ticker"}


def test_a_ticker_of_bare_list_entries() -> None:
    lines = "".join(f"<li>{text}</li>" for text, _ in STORIES)
    assert texts(read(page(above=f"<ul class='newsticker'>{lines}</ul>")).headlines) == [text for text, _ in STORIES]


def test_a_cloned_ticker_counts_once() -> None:
    strip = f"<div class='ticker'><ul>{items()}</ul></div>"
    found = read(page(above=strip * 3))
    assert texts(found.headlines) == [text for text, _ in STORIES]
    assert [h.position for h in found.headlines] == [1, 2, 3, 4]


def test_a_rail_with_clock_times_is_the_latest_news_and_the_times_are_no_headline() -> None:
    rail = f"<h2>En continu</h2><ul>{items(before='<span class=h>14:05</span> ')}</ul>"
    found = read(page(aside=rail))
    assert kinds(found) == {"latest"}
    assert {h.label for h in found.headlines} == {"En continu"}
    assert texts(found.headlines) == [text for text, _ in STORIES]


def test_clock_times_alone_make_a_rail_the_latest_news() -> None:
    inside = "".join(
        f'<li><a href="{url}"><span>09:{at}0</span> {text}</a></li>' for at, (text, url) in enumerate(STORIES)
    )
    found = read(page(aside=f"<ul>{inside}</ul>"))
    assert kinds(found) == {"latest"}
    assert texts(found.headlines) == [text for text, _ in STORIES]


def test_a_machine_readable_time_is_kept_and_a_bare_clock_time_is_not() -> None:
    rail = "<h3>Dernières actus</h3><ul>" + "".join(
        f'<li><time datetime="{moment}">vendredi</time><a href="{url}">{text}</a></li>'
        for (text, url), moment in zip(STORIES, ["2026-03-06T08:15:00+01:00", "2026-03-05", "07:10", ""], strict=True)
    )
    found = read(page(aside=rail + "</ul>"))
    assert [h.published_at for h in found.headlines] == ["2026-03-06T08:15:00+01:00", "2026-03-05", None, None]


def test_most_read_with_ranks() -> None:
    ranked = "".join(
        f'<div class="row"><b class="num">{at}</b><h4><a href="{url}">{text}</a></h4></div>'
        for at, (text, url) in enumerate(STORIES, 1)
    )
    named = read(page(aside=f"<div class='title'>Les plus lus</div><div>{ranked}</div>"))
    assert kinds(named) == {"most_read"}
    assert texts(named.headlines) == [text for text, _ in STORIES]
    assert kinds(read(page(aside=f"<div>{ranked}</div>"))) == {"most_read"}


def test_tabs_name_their_panels_by_fragment_and_by_order() -> None:
    one, two = items(STORIES[:2]), items(STORIES[2:])
    by_fragment = (
        "<ul><li><a href='#a'>Derniers articles</a></li><li><a href='#b'>Plus lus</a></li></ul>"
        f"<div id='a'><ul>{one}</ul></div><div id='b'><ul>{two}</ul></div>"
    )
    by_order = f"<div><p><b>Derniers articles</b> <b>Plus lus</b></p><div><ul>{one}</ul><ul>{two}</ul></div></div>"
    for html in (by_fragment, by_order):
        assert [h.kind for h in read(page(aside=html)).headlines] == ["latest", "latest", "most_read", "most_read"]


def test_every_list_stays_whole_and_tickers_come_last() -> None:
    rail = f"<h2>Les plus lus</h2><ul>{items(list(reversed(STORIES)))}</ul>"
    below = f"<h2>À lire aussi</h2><ul>{items(STORIES[1:])}</ul>"
    found = read(page(above=f"<div class='ticker'><ul>{items(STORIES[:3])}</ul></div>", below=below, aside=rail))
    assert [(h.kind, h.position) for h in found.headlines] == [
        *[("related", at) for at in (1, 2, 3)],
        *[("most_read", at) for at in (1, 2, 3, 4)],
        *[("ticker", at) for at in (1, 2, 3)],
    ]


def test_a_story_that_ends_one_list_and_begins_the_next_is_in_both() -> None:
    cards = "".join(
        f'<div class="card"><a href="{url}"><img src="x.jpg"></a><h4><a href="{url}">{text}</a></h4></div>'
        for text, url in reversed(STORIES)
    )
    found = read(page(aside=f"<h2>En continu</h2><ul>{items()}</ul><h2>Les plus lus</h2><div>{cards}</div>"))
    assert texts(found.headlines) == [text for text, _ in STORIES] + [text for text, _ in reversed(STORIES)]
    assert [h.kind for h in found.headlines] == ["latest"] * 4 + ["most_read"] * 4


def test_the_logo_beside_a_ticker_is_no_headline() -> None:
    links = "<span>•</span>".join(f'<a href="{url}">{text}</a>' for text, url in STORIES)
    strip = f"<div><b>Flash info</b>{links}</div><a href='/fr/'>Le Courrier du Quai de Bois</a>"
    assert texts(read(page(above=strip)).headlines) == [text for text, _ in STORIES]


def test_the_nearest_known_label_names_the_list() -> None:
    html = f"<h2 class='title'>Le fil de Quai-de-Bois</h2><b>Flash info</b><ul>{items()}</ul>"
    assert {h.label for h in read(page(above=html)).headlines} == {"Flash info"}


def test_the_port_of_the_site_makes_no_story_of_its_menu() -> None:
    menu = "".join(f"<li><a href='/?rubrique={n}'>La rubrique numéro {n} du journal</a></li>" for n in "abcd")
    html = page(above=f"<div><ul>{menu}</ul></div>")
    assert read(html, "http://127.0.0.1:8123/societe/le-port-rouvre-apres-la-tempete").headlines == []


def test_ranks_glued_to_the_headlines_are_none_of_them() -> None:
    ranked = "".join(
        f'<li><a href="{url}"><b>{at}</b><span>{text}</span></a></li>' for at, (text, url) in enumerate(STORIES, 1)
    )
    found = read(page(aside=f"<ol>{ranked}</ol>"))
    assert texts(found.headlines) == [text for text, _ in STORIES]
    assert kinds(found) == {"most_read"}


def test_a_link_between_line_breaks_of_a_paragraph_is_related_and_leaves_the_paragraph_alone() -> None:
    text, url = STORIES[0]
    line = f"<p id='long'>{PROSE[3:-4]}<br><b>Lire aussi :</b> <a href='{url}'>{text}</a><br>{PROSE[3:-4]}</p>"
    outline = outline_of(page(within=line))
    found = find_headlines(outline, ARTICLE)
    assert [(h.kind, h.label, h.text) for h in found.headlines] == [("related", "Lire aussi :", text)]
    assert next(e.index for e in outline.elements if e.hint == "long") not in found.claimed
    assert find_headlines(outline_of(line.replace("<b>Lire aussi :</b>", PROSE[3:-4])), ARTICLE).headlines == []


def test_a_strip_of_texts_between_bullets_is_a_ticker_with_its_label() -> None:
    lines = " • ".join(text for text, _ in STORIES)
    outline = outline_of(page(above=f"<div><strong id='label'>Flash info</strong> <span>{lines}</span></div>"))
    found = find_headlines(outline, ARTICLE)
    assert texts(found.headlines) == [text for text, _ in STORIES]
    assert {(h.kind, h.label) for h in found.headlines} == {("ticker", "Flash info")}
    assert next(e.index for e in outline.elements if e.hint == "label") in found.claimed


def test_a_front_page_gives_its_sections_in_order() -> None:
    sections = "".join(
        f"<section><h2>{name}</h2><article><a href='/{slug}/a-la-une-du-jour-{at}1111'>"
        f"<h3>Le grand titre de la rubrique {name}</h3></a></article><ul>"
        + items([(f"Un autre titre {n} en {name}", f"/{slug}/un-autre-titre-{at}{n}222") for n in (1, 2, 3)])
        + "</ul></section>"
        for at, (name, slug) in enumerate([("Politique", "politique"), ("Sports", "sports")])
    )
    found = read(f"<html><body><nav><a href='/sports'>Sports</a></nav><main>{sections}</main></body></html>", FRONT)
    assert kinds(found) == {"front"}
    assert [(h.label, h.position) for h in found.headlines] == [
        *[("Politique", at) for at in (1, 2, 3, 4)],
        *[("Sports", at) for at in (1, 2, 3, 4)],
    ]
    assert found.headlines[0].text == "Le grand titre de la rubrique Politique"


def test_an_arabic_page() -> None:
    stories = [
        ("وزير النقل يعلن افتتاح الميناء الجديد", "/news/1001"),
        ("أمطار غزيرة تغلق الطرق في الشمال", "/news/1002"),
        ("المنتخب يبدأ استعداداته للبطولة", "/news/1003"),
    ]
    rail = f"<div class='box'><h3>الأكثر قراءة</h3><ul>{items(stories)}</ul></div>"
    found = read(page(above=f"<div><b>عاجل</b><ul>{items(stories[:2])}</ul></div>", aside=rail))
    assert [(h.kind, h.label) for h in found.headlines] == [
        *[("most_read", "الأكثر قراءة")] * 3,
        *[("ticker", "عاجل")] * 2,
    ]


def test_a_japanese_page() -> None:
    stories = [(f"港の再開に住民から喜びの声、第{at}報", f"/articles/2026030{at}.html") for at in range(1, 5)]
    found = read(page(aside=f"<h2>アクセスランキング</h2><ul>{items(stories)}</ul>"))
    assert texts(found.headlines) == [text for text, _ in stories]
    assert kinds(found) == {"most_read"}


def test_a_carousel_of_cards_in_rows_is_one_list() -> None:
    slides = "".join(
        "<div class='swiper-slide'><div class='row'>"
        + "".join(f"<div class='col'><a href='{url}'><h4>{text}</h4></a></div>" for text, url in pair)
        + "</div></div>"
        for pair in (STORIES[:2], STORIES[2:])
    )
    found = read(page(below=f"<h3>Vous aimerez aussi</h3><div class='swiper-wrapper'>{slides}</div>"))
    assert [(h.position, h.label) for h in found.headlines] == [(at, "Vous aimerez aussi") for at in (1, 2, 3, 4)]


def test_addresses_are_absolute_and_honour_the_base_element() -> None:
    html = page(aside=f"<h2>Les plus lus</h2><ul>{items([(t, u.lstrip('/')) for t, u in STORIES])}</ul>")
    assert read(html).headlines[0].url == "https://courrier.example/societe/meteo/la-riviere-sort-de-son-lit-48300"
    based = html.replace("<head>", "<head><base href='https://cdn.example/fr/'>")
    assert read(based).headlines[0].url == "https://cdn.example/fr/meteo/la-riviere-sort-de-son-lit-48300"


def test_a_page_without_an_address() -> None:
    found = find_headlines(outline_of(page(aside=f"<h2>Les plus lus</h2><ul>{items()}</ul>")), None)
    assert texts(found.headlines) == [text for text, _ in STORIES]


def test_claimed_elements_are_those_of_the_lists_and_their_labels() -> None:
    outline = outline_of(page(aside=f"<h2 id='label'>Les plus lus</h2><ul id='list'>{items()}</ul>"))
    found = find_headlines(outline, ARTICLE)
    said = {outline.text_of(outline.elements[index]) for index in found.claimed}
    assert said == {text for text, _ in STORIES} | {"Les plus lus"}


def test_nothing_on_an_empty_page() -> None:
    assert find_headlines(Outline(), ARTICLE).headlines == []
    assert read("<p>Rien</p>").headlines == []


def test_ten_thousand_links_take_linear_time() -> None:
    def work(count: int) -> Callable[[], object]:
        links = "".join(
            f"<div><h3>En continu</h3><p><a href='/un-titre-du-jour-{at}'>Un titre du jour numéro {at}</a></p></div>"
            for at in range(count)
        )
        outline = outline_of(links)
        return lambda: find_headlines(outline, ARTICLE)

    assert_linear(work, 1_000)
