"""Small invented pages with headline lists, and what is read of them."""

from services.parser.lists.headlines import HeadlineLists, find_headlines
from services.parser.outline.outline import outline_of
from shared.parsed_page import Headline

ARTICLE = "https://courrier.example/societe/le-port-rouvre-apres-la-tempete-48213"
FRONT = "https://courrier.example/"
PROSE = "<p>" + "Le maire a promis que les travaux du quai seraient finis avant la fin de l'année. " * 4 + "</p>"

STORIES = [
    ("La rivière sort de son lit au nord du canton", "/meteo/la-riviere-sort-de-son-lit-48300"),
    ("Deux candidates pour une seule mairie", "/politique/deux-candidates-pour-une-mairie-48299"),
    ("Le club local monte en première division", "/sport/le-club-local-monte-48298"),
    ("Une bibliothèque ouvre dans l'ancienne gare", "/culture/une-bibliotheque-ouvre-48297"),
]


def read(html: str, url: str | None = ARTICLE) -> HeadlineLists:
    return find_headlines(outline_of(html), url)


def page(*, above: str = "", within: str = "", below: str = "", aside: str = "") -> str:
    return f"""<html><head><title>Le port rouvre après la tempête</title></head><body>
    <header><a href="/">Courrier</a>{above}</header>
    <main><article><h1>Le port rouvre après la tempête</h1>{PROSE}{within}{PROSE}</article>{below}</main>
    <aside>{aside}</aside></body></html>"""


def items(stories: list[tuple[str, str]] = STORIES, before: str = "") -> str:
    return "".join(f'<li>{before}<a href="{url}">{text}</a></li>' for text, url in stories)


def texts(headlines: list[Headline]) -> list[str]:
    return [h.text for h in headlines]


def kinds(found: HeadlineLists) -> set[str]:
    return {h.kind for h in found.headlines}
