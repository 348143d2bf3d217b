"""What looks like headlines, or stands beside them: cards, the page's own, links in the text, menus."""

from services.parser.lists.headlines import find_headlines
from services.parser.outline.outline import outline_of
from tests.parser.lists.headline_pages import ARTICLE, STORIES, items, kinds, page, read, texts


def test_the_own_headline_in_the_ticker_is_marked() -> None:
    own = ("Le port rouvre après la tempête", "/societe/le-port-rouvre-apres-la-tempete-48213#haut")
    found = read(page(above=f"<ul class='ticker'>{items([*STORIES[:2], own])}</ul>"))
    assert [h.is_self for h in found.headlines] == [False, False, True]
    bare = read(page(above=f"<marquee>{STORIES[0][0]} | Le port rouvre après la tempête</marquee>"))
    assert [h.is_self for h in bare.headlines] == [False, True]


def test_the_lead_story_of_a_front_is_another_page() -> None:
    text, path = STORIES[0]
    lead = f'<h1><a href="{path}">{text}</a></h1>'
    found = read(f"<main>{lead}<ul>{items(STORIES)}</ul></main>", "https://courrier.example/")
    assert texts(found.headlines)
    assert not any(h.is_self for h in found.headlines)


def test_the_own_address_with_another_scheme_is_marked() -> None:
    own = ("Le port rouvre", ARTICLE.replace("https://", "http://www."))
    found = read(page(above=f"<ul class='ticker'>{items([*STORIES[:2], own])}</ul>"))
    assert [h.is_self for h in found.headlines][-1:] == [True]


def test_a_card_gives_its_title_alone_and_once() -> None:
    teaser = "Une phrase qui en dit plus, bien plus long que le titre lui-même."
    cards = "".join(
        f'<div class="card"><a href="{url}"><img src="x.jpg" alt="Une image"></a>'
        f'<span class="cat"><a href="/sport">Sport</a></span><h3><a href="{url}">{text}</a></h3>'
        f'<p class="teaser">{teaser}</p><a href="{url}#comments">12 commentaires</a></div>'
        for text, url in STORIES
    )
    found = read(page(below=f"<h2>À lire aussi</h2><div>{cards}</div>"))
    assert texts(found.headlines) == [text for text, _ in STORIES]
    assert kinds(found) == {"related"}


def test_a_card_inside_its_anchor_gives_its_title_alone() -> None:
    cards = "".join(
        f'<a href="{url}"><span class="kicker">Politique</span><span class="title">{text}</span>'
        f"<p>Une phrase qui en dit plus, bien plus long que le titre lui-même.</p></a>"
        for text, url in STORIES
    )
    assert texts(read(page(below=f"<div>{cards}</div>")).headlines) == [text for text, _ in STORIES]


def test_a_picture_link_speaks_by_its_alternative_text_only_where_no_text_link_does() -> None:
    pictures = "".join(f'<li><a href="{url}"><img src="x.jpg" alt="{text}"></a></li>' for text, url in STORIES)
    assert texts(read(page(aside=f"<h2>À lire aussi</h2><ul>{pictures}</ul>")).headlines) == [t for t, _ in STORIES]


def test_an_empty_anchor_over_a_card_takes_the_heading_of_the_card() -> None:
    cards = "".join(f'<div><a href="{url}"></a><figure></figure><h3>{text}</h3></div>' for text, url in STORIES)
    assert texts(read(page(below=f"<h2>À lire aussi</h2><div>{cards}</div>")).headlines) == [t for t, _ in STORIES]


def test_the_link_to_the_rest_of_a_list_is_no_headline() -> None:
    more = "<li><a href='/articles-2026'>Voir tous les articles du jour</a></li>"
    found = read(page(aside=f"<h2>En continu</h2><ul>{items()}{more}</ul>"))
    assert texts(found.headlines) == [text for text, _ in STORIES]


def test_a_read_also_box_in_the_article_is_related_and_claimed() -> None:
    text, url = STORIES[0]
    outline = outline_of(page(within=f"<p id='box'>Lire aussi : <a href='{url}'>{text}</a></p>"))
    found = find_headlines(outline, ARTICLE)
    assert [(h.kind, h.text) for h in found.headlines] == [("related", text)]
    box = next(e for e in outline.elements if e.hint == "box")
    assert box.index in found.claimed


def test_links_in_running_text_are_no_headlines() -> None:
    prose = "".join(
        f"<p>Comme nous l'écrivions hier encore, <a href='{url}'>{text}</a>, et rien ne permet d'en douter.</p>"
        for text, url in STORIES
    )
    found = read(page(within=prose))
    assert found.headlines == []
    assert found.claimed == frozenset()


def test_a_nameless_list_of_another_site_is_an_advertisers() -> None:
    foreign = items([(text, f"https://kurse.test{url}") for text, url in STORIES])
    assert read(page(below=f"<div><ul>{foreign}</ul></div>")).headlines == []
    assert kinds(read(page(below=f"<h3>À lire aussi</h3><ul>{foreign}</ul>"))) == {"related"}
    sister = items([(text, f"https://regions.courrier.example{url}") for text, url in STORIES])
    assert kinds(read(page(below=f"<div><ul>{sister}</ul></div>"))) == {"front"}


def test_papers_of_one_country_are_not_one_site() -> None:
    for site, expected in (("https://shop.co.uk", set()), ("https://sport.paper.co.uk", {"front"})):
        links = items([(text, f"{site}{url}") for text, url in STORIES])
        found = read(page(below=f"<div><ul>{links}</ul></div>"), ARTICLE.replace("courrier.example", "www.paper.co.uk"))
        assert kinds(found) == expected


def test_sources_at_the_end_of_the_article_are_no_headlines() -> None:
    sources = "".join(
        f"<li><a href='https://archive{at}.example/2024/{at}'>Rapport annuel numéro {at} sur les ports</a></li>"
        for at in range(4)
    )
    assert read(page(within=f"<ul>{sources}</ul>")).headlines == []


def test_menus_footers_tags_shares_and_adverts_are_no_headlines() -> None:
    menu = "".join(
        f"<li><a href='/{name}'>{name.title()}</a></li>" for name in ("politique", "sport", "culture", "monde")
    )
    legal = "".join(
        f"<li><a href='/{at}-conditions-generales'>Conditions générales de vente numéro {at}</a></li>"
        for at in range(4)
    )
    tags = "".join(f"<a href='/tag/sujet-{at}-de-la-semaine'>Sujet {at} de la semaine</a>" for at in range(4))
    shares = "".join(
        f"<a href='https://www.facebook.com/sharer.php?u={at}2345'>Partager cet article sur le réseau {at}</a>"
        for at in range(4)
    )
    html = page(
        above=f"<nav><ul>{menu}</ul></nav>",
        below=f"<div class='tags'>{tags}</div><div>{shares}</div><h3>Offres d'emploi</h3><ul>{items()}</ul>"
        f"<footer><ul>{legal}</ul></footer>",
    )
    assert read(html).headlines == []


def test_a_notice_above_an_advertisement_does_not_spoil_the_list_below() -> None:
    notice = "<div class='ad-label'>Publicité</div>"
    found = read(page(aside=f"<h2>Les plus lus</h2>{notice}<ul>{items()}</ul>"))
    assert kinds(found) == {"most_read"}
