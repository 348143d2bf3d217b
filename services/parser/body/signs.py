"""Which signs in and around the text say that an article is cut short or walled off?"""

import re

from services.parser.language.scripts import SENTENCE_ENDS, count_said
from services.parser.outline.outline import Element, Outline
from shared.parsed_page import Block

# A text up to this length may be the part that a wall lets through.
SHORT_TEXT = 3000
# A text up to this length that ends in an ellipsis is a teaser; a longer text ends so on purpose (3 of 3 labelled
# pages).
TEASER_CHARS = 1500
# A text that says so much, or so much in so many blocks, and ends like a sentence is no teaser, whatever the head says
# of payment (teasers of pages whose head does so say 473 to 882).
WHOLE_TEXT, SHORT_WHOLE, WHOLE_BLOCKS = 2000, 900, 6
# The same of a story that its head calls metered: shorter texts of such pages are teasers.
METERED_WHOLE = 400
# A wall stands within so many elements behind the text.
WALL_WITHIN = 60
# The text of a wall is shorter than this.
WALL_CHARS = 400
# A text is a consent banner if more than this share of it speaks of consent.
CONSENT_SHARE = 0.5

_WALL_HINT = re.compile(r"pay-?wall|reg-?wall|subscriber-only|premium-?wall|locked-?content|offer-?wall|metered")
# A wall that is not shown yet: its window is in the page, for later.
_CLOSED_HINT = re.compile(r"\b(?:hide|hidden|d-none|is-hidden|modal)\b")
_WALL_TEXT = re.compile(
    r"subscribe (?:now )?to (?:continue|read|keep)|exclusive to subscribers|already a subscriber|for subscribers only"
    r"|to (?:continue|keep) reading|this (?:article|content|story) is (?:for|only|exclusive)|pour lire la suite"
    r"|réservé(?:e|s)? aux abonnés|il vous reste .{0,20}à lire|abonnez-vous pour|déjà abonné"
    r"|weiterlesen mit|jetzt weiterlesen|nur für abonnenten|für abonnent|mit .{0,20}(?:plus|abo) weiterlesen"
    r"|para seguir leyendo|suscríbete para|s[óo]lo para suscriptores|exclusivo para (?:suscriptores|assinantes)"
    r"|continue lendo|per continuare a leggere|riservato agli abbonati|alleen voor abonnees|lees verder met"
    r"|för prenumeranter|for abonnenter|tylko dla (?:prenumeratorów|subskrybentów)|только для подписчиков"
    r"|للمشتركين فقط|この記事は.{0,8}(?:会員|有料)|続きを?お?読み|残り[:：]?\s?\d+文字",
    re.I,
)
_CLOSED = "\"'”’»›“)]"
_CUT_SHORT = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])\s*$")
# These are counted one by one, because a search for each word takes a tenth of a pattern's time.
_CONSENT_WORDS = (
    *("cookie", "consent", "gdpr", "privacy", "partners", "datenschutz", "einwillig", "zustimm", "vie privée"),
    *("traceurs", "privacidad", "toestemming", "samtycke", "zgoda", "zgody", "ciasteczk", "consenso"),
)


def is_cut_short(blocks: list[Block], walled: bool) -> bool:
    """Whether the text stops before the article does: at a wall, or as a teaser that ends in an ellipsis."""
    last = next((block.text for block in reversed(blocks) if block.text), "")
    return walled or (bool(_CUT_SHORT.search(last)) and sum(len(block.text) for block in blocks) <= TEASER_CHARS)


def is_whole(blocks: list[Block], text: str, *, least: int = WHOLE_TEXT) -> bool:
    """Whether a text without a wall behind it is as long as a story and ends like one.

    It says at least as much as `least` letters of an alphabet, or is divided into many blocks.
    """
    said = count_said(text)
    long = said >= least or (said >= SHORT_WHOLE and sum(bool(block.text) for block in blocks) >= WHOLE_BLOCKS)
    return long and text[-1] in _CLOSED + SENTENCE_ENDS


def has_wall(outline: Outline, last: Element, text: str) -> bool:
    """Whether a subscription wall stands right behind a short text."""
    if len(text) > SHORT_TEXT:
        return False
    searched = closed = 0
    for element in outline.elements[last.end : last.end + WALL_WITHIN]:
        if not element.chars or element.hidden or element.index < closed:
            continue
        if element.hint and _CLOSED_HINT.search(element.hint):
            closed = element.end
            continue
        if _WALL_HINT.search(element.hint):
            return True
        if element.chars < WALL_CHARS and element.index >= searched:
            searched = element.end
            if _WALL_TEXT.search(outline.text_of(element)):
                return True
    return False


def is_consent_wall(blocks: list[Block]) -> bool:
    """Whether the supposed body is a consent banner."""
    texts = [block.text for block in blocks if block.type in {"paragraph", "list"}]
    chars = sum(map(len, texts))
    return 0 < chars < SHORT_TEXT and sum(len(t) for t in texts if _speaks_of_consent(t)) > CONSENT_SHARE * chars


def _speaks_of_consent(text: str) -> bool:
    """Whether at least two words of consent are in the text."""
    return sum(map(text.lower().count, _CONSENT_WORDS)) > 1
