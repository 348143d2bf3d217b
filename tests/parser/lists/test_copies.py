"""Doubles, clones and cut copies; a story of two different lists is none of these."""

from collections.abc import Callable

from services.parser.lists.copies import Entry, HeadlineList, without_copies
from services.parser.lists.headlines import find_headlines
from services.parser.outline.outline import outline_of
from shared.parsed_page import Headline
from tests.support.steps import assert_linear

ARTICLE = "https://courrier.example/societe/le-port-rouvre-apres-la-tempete-48213"
STORIES = [
    ("La rivière sort de son lit au nord du canton", "/meteo/la-riviere-sort-de-son-lit-48300"),
    ("Deux candidates pour une seule mairie", "/politique/deux-candidates-pour-une-mairie-48299"),
    ("Le club local monte en première division", "/sport/le-club-local-monte-48298"),
    ("Une bibliothèque ouvre dans l'ancienne gare", "/culture/une-bibliotheque-ouvre-48297"),
]
TEXTS = [text for text, _ in STORIES]


def ul(stories: list[tuple[str, str]]) -> str:
    return "<ul>" + "".join(f'<li><a href="{url}">{text}</a></li>' for text, url in stories) + "</ul>"


def read(*parts: str, url: str = ARTICLE) -> list[Headline]:
    """The parts stand far apart on the page, as the ticker, the article, the rail and the footer do."""
    boxes = "".join(f"<div><div>{part}</div></div><hr>" for part in parts)
    return find_headlines(outline_of(f"<h1>Le port rouvre</h1>{boxes}"), url).headlines


def shown(headlines: list[Headline]) -> list[tuple[str, str | None, int, str]]:
    return [(h.kind, h.label, h.position, h.text) for h in headlines]


def numbered(kind: str, label: str | None, texts: list[str]) -> list[tuple[str, str | None, int, str]]:
    return [(kind, label, at, text) for at, text in enumerate(texts, 1)]


def test_lists_of_other_names_keep_the_same_stories() -> None:
    found = read(f"<h3>En continu</h3>{ul(STORIES)}", f"<h3>Les plus lus</h3>{ul(STORIES[::-1])}")
    assert shown(found) == numbered("latest", "En continu", TEXTS) + numbered("most_read", "Les plus lus", TEXTS[::-1])


def test_the_same_list_for_small_screens_is_a_clone() -> None:
    found = read(f"<h3>Les plus lus</h3>{ul(STORIES)}", f"<h3>Les plus lus</h3>{ul(STORIES[:3])}")
    assert shown(found) == numbered("most_read", "Les plus lus", TEXTS)


def test_what_only_the_longer_clone_has_is_added() -> None:
    found = read(f"<h3>Les plus lus</h3>{ul(STORIES[:3])}", f"<h3>Les plus lus</h3>{ul(STORIES)}")
    assert shown(found) == numbered("most_read", "Les plus lus", TEXTS)


def test_a_nameless_copy_of_a_named_list_is_left_out_but_another_selection_is_not() -> None:
    ticker = f"<div class='breaking-news'>{ul(STORIES)}</div>"
    assert shown(read(ticker, ul(STORIES[:3]))) == numbered("ticker", None, TEXTS)
    other = [STORIES[2], STORIES[0], STORIES[1]]
    mixed = [text for text, _ in other]
    assert shown(read(ticker, ul(other))) == numbered("front", None, mixed) + numbered("ticker", None, TEXTS)


def test_one_read_also_box_does_not_swallow_another_list() -> None:
    box = f"<p>Lire aussi : <a href='{STORIES[0][1]}'>{TEXTS[0]}</a></p>"
    found = read(box, f"<h3>Sur le même sujet</h3>{ul(STORIES)}")
    assert shown(found) == [("related", "Lire aussi :", 1, TEXTS[0]), *numbered("related", "Sur le même sujet", TEXTS)]


def test_a_cut_text_is_completed_from_another_copy() -> None:
    cut = [(text[:26].rstrip() + "…", url) for text, url in STORIES]
    found = read(f"<h3>En continu</h3>{ul(cut)}", f"<h3>Les plus lus</h3>{ul(STORIES)}")
    assert [h.text for h in found] == TEXTS * 2


def test_a_cut_text_is_completed_from_the_attributes_of_its_anchor() -> None:
    for attribute in ("title", "aria-label"):
        links = "".join(
            f'<li><a href="{url}" {attribute}="{text}">{text[:26].rstrip()}...</a></li>' for text, url in STORIES
        )
        assert [h.text for h in read(f"<h3>En continu</h3><ul>{links}</ul>")] == TEXTS


def test_an_attribute_that_says_something_else_completes_nothing() -> None:
    links = "".join(f'<li><a href="{url}" title="Lire la suite">{text}…</a></li>' for text, url in STORIES)
    assert [h.text for h in read(f"<h3>En continu</h3><ul>{links}</ul>")] == [text + "…" for text in TEXTS]


def test_a_story_said_twice_in_one_list_keeps_its_first_place_and_its_longest_text() -> None:
    cut = (TEXTS[0][:30], STORIES[0][1])
    found = read(f"<h3>En continu</h3>{ul([cut, *STORIES[1:], STORIES[0]])}")
    assert shown(found) == numbered("latest", "En continu", TEXTS)


def test_thousands_of_lists_and_copies_take_linear_time() -> None:
    def work(count: int) -> Callable[[], object]:
        same = [HeadlineList("latest", f"Fil {at}", [Entry(at, TEXTS[0], "/a", "/a")]) for at in range(count)]
        other = [HeadlineList("latest", None, [Entry(at, f"Titre {at}", f"/{at}", f"/{at}")]) for at in range(count)]
        texts = HeadlineList("latest", "Fil", [Entry(at, f"{at} est un titre", "/b", "/b") for at in range(count)])
        return lambda: without_copies([*same, *other, texts])

    assert_linear(work, 500)
