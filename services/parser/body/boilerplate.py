"""What stands among or beside the paragraphs of an article and is not part of it?

Two kinds of evidence tell: what the page calls the element (class, id, role), and what a short line says. Both are
general vocabulary, gathered over many publishers and languages; no site is named.
"""

import re
from functools import lru_cache

from services.parser.body.captions import is_counter
from services.parser.body.labels import (
    has_any,
    invites_to_letter,
    is_ad_line,
    is_page_line,
    is_sign_up_line,
    kind_of_line,
    labels_source,
)
from services.parser.body.notices import is_notice
from services.parser.language.scripts import SENTENCE_ENDS, count_words

# A pointer to other pages or a notice is at most this long; a paragraph that begins with the same words is longer.
SHORT_LINE = 160
# A byline or a date line is at most this long, and a date needs few words: day, month, "published at", time zone.
SHORT_BYLINE = 70
# A line with a date between headline and text, with publisher, writer and the size of letters, is at most this long.
HEAD_CHARS, MOST_NAMES = 110, 8
FEW_WORDS = 4

_FOREIGN_TAGS = frozenset(
    ["nav", "footer", "aside", "form", "button", "dialog", "menu", "select", "textarea", "fieldset"]
)
_NEUTRAL_TAGS = frozenset(["html", "body", "main", "article"])

# Words that name foreign parts wherever they stand in a class or id, even glued to other words.
_FOREIGN_ANYWHERE = re.compile(
    "newsletter|breadcrumb|taboola|outbrain|disqus|comment|sidebar|recirc|cookie|consent|gdpr|paywall|subscri|sponsor"
    "|advert|related|promo|social|footer|navbar|navigation|masthead|most-?read|popular|trending|recommend|share|sharing"
    "|toolbar|toplinks|copyright|disclaimer|skip-?link|screen-?reader|sr-only|visually-?hidden|a11y|donat|piano|login"
    "|signup|signin|sign-up|register|rating|teaser|carousel|slider|ticker|marquee|modal|popup|pop-up|lightbox|overlay"
)
# Words that name foreign parts only if they stand alone.
_FOREIGN_WORDS = re.compile(
    r"(?:^|[\s_-])(?:ads?|adv|nav|menus?|header|tags?|taglist|topics?|keywords|authors?|byline|bio|widgets?|banner|search"
    r"|complementary|contentinfo|dialog|alertdialog|tooltip|rail|aside|pagination|pager|prev|next|meta|info-?box|cta|follow"
    r"|print|tools|read-?more|more|also|see-?also|onward|video-?player|player|credits?|captions?|noprint|hide|hidden"
    r"|timestamp|date|dateline|published|updated|poll|quiz|survey|feedback|voting|app|shop|product|toc"
    r"|autor(?:in|en|es)?|autore|auteurs?|kommentare?|comentarios?|commentaires?|commenti|anzeige|werbung|publicit[ea]"
    r"|publicidad|publicidade|etiquetas|etiquettes|relacionad[ao]s|boletin|encart|lire-?aussi|mots-?cles|weiterlesen"
    r"|reklama|tagi|autorzy|komentarze)(?=$|[\s_-])"
)
_SURELY_ARTICLE = re.compile(
    r"article-?_?(?:body|content|text|main)|(?:post|entry|story|content|body|main|news|text|rich)-?_?(?:body|content|text)"
    r"|articlebody|paragraph|prose|wysiwyg|richtext|has-|with-|no-sidebar|without"
)
_LEAD_HINT = re.compile(
    r"(?<![a-z])lead(?![a-z])|(?:article|news|post|text|story|content)lead(?![a-z])|stand-?first|chapo"
    r"|chapeau|summary|subtitle|sub-?title|sub-?head(?:line)?|deck|\bdek\b|intro"
    r"|excerpt|teaser-?text|vorspann|abstract|entradilla|bajada|sommario|occhiello|ingress|manchet|perex|preamble|description|volanta"
    r"|sub-?line|anriss|underline|sous-titre|copete|zajawka|dachzeile|tagline|strapline|kicker-text"
)

_UNWANTED_LINE = re.compile(
    r"^\W*(?:read (?:also|more|next|the full)|also read|see also|related(?: stories| articles?)?\s*[:|]|more:|watch:"
    r"|recommended|lire aussi|à lire aussi|lire la suite|voir aussi|lesen sie (?:auch|hier|mehr)|mehr zum thema"
    r"|auch interessant|le[ae] (?:también|además|más)|te puede interesar|también te|ver también|leia também|leia mais"
    r"|veja também|leggi anche|per approfondire|lees ook|lees meer|läs (?:också|mer)|les også|læs også|lue myös"
    r"|czytaj (?:też|także|więcej)|zobacz (?:też|także)|čtěte také|citiţi și|citește și|okumaya devam|ayrıca bkz"
    r"|читайте также|читать также|смотрите также|читайте також|прочетете|اقرأ (?:أيضا|أيضًا|المزيد)|إقرأ أيضا"
    r"|あわせて読みたい|関連記事|advertisement|anzeige|werbung|publicité|publicidad|publicidade|pubblicità|advertentie"
    r"|annons|annonse|реклама|إعلان|広告"
    r"|follow us|sign up|subscribe|newsletter|share this|copyright|all rights reserved"
    r"|suscr[íi]b(?:ete|ase)|ap[úu]ntate|abonnez-vous|inscrivez-vous"
    r"|recevez (?:chaque|tous|toute|notre|nos|gratuitement)"
    r"|iscriviti|abbonati (?:a|per)|inscreva-se|assine (?:a|o|já)|meld(?:en sie sich| je| dich) .{0,20}an\b|abonniere"
    r"|zapisz się|подпишитесь|подписывайтесь|підписуйтесь|اشترك|abone ol"
    r"|tous droits réservés|©|\(c\) )",
    re.I,
)

# Lines that pages say about themselves between paragraphs: reading time, players, placeholders, comments, consent to
# embeds.
_MECHANICAL = re.compile(
    r"^\W*(?:\d+\W*min(?:ute[ns]?|uti|utos?)?\W*(?:read|lese(?:zeit|dauer)|de lecture|de lectura|de leitura|di lettura"
    r"|leestijd|czytania|lästid)|(?:reading time|lese(?:zeit|dauer)|temps de lecture|tiempo de lectura|tempo di lettura"
    r"|tempo de leitura|leestijd|czas czytania|время чтения|okuma süresi)\b"
    r"|article content|story continues|article continues|continue reading|weiterlesen$|embed$"
    r"|player wird geladen|loading"
    r"|empfohlener (?:redaktioneller|externer) inhalt|externer inhalt|external content|contenu externe"
    r"|(?:zu den )?kommentare\b.{0,12}$|(?:leave|post) a (?:comment|reply)"
    r"|\d+ (?:comments?|kommentare?|commentaires?)\W*$"
    r"|(?:view|show|hide) comments|click here to|skip (?:ad|advert)|ende der weiteren informationen)",
    re.I,
)
_EMBED_CONSENT = re.compile(
    r"(?:einverstanden|zustimm|einwillig|consent|accept|accept[eé]|acepta|akzeptier|erlaube).{0,90}"
    r"(?:extern|drittplattform|third[- ]party|inhalte? von|youtube|instagram|facebook|twitter|personenbezogen)"
    r"|an dieser stelle (?:finden sie|befindet sich) .{0,60}extern",
    re.I,
)
# And one of these is.
_CONSENT_MARKS = (
    *("verstanden", "ustimm", "UST", "willig", "onsent", "CONSENT", "ccept", "CCEPT", "cepta", "kzeptier", "rlaube"),
    "ieser Stelle",
)
# A notice about content from other sites is at most this long.
CONSENT_CHARS = 420
_TAIL_HEADING = re.compile(
    r"^\W*(?:about the authors?|the author|related (?:posts?|articles?|stories|content|reading)"
    r"|you (?:may|might) also like"
    r"|leave a (?:reply|comment)|comments?|tags?|share(?: this.*)?|recommended(?: for you| reading)?"
    r"|more (?:from|on|stories)\b.*"
    r"|read (?:more|next)|über (?:den autor|die autorin|den verfasser|uns)|(?:der|die) autor(?:in|en)?|zur person"
    r"|mehr (?:zum thema|von|aus)\b.*|das könnte (?:sie|dich) auch interessieren|à propos de l.auteur.*"
    r"|sur le même sujet"
    r"|(?:sobre|acerca de) (?:el|la|o|a) autora?|l.autore|o autorze|об авторе|kommentare|weiterlesen|quellen)\W*$",
    re.I,
)


def is_tail_heading(text: str) -> bool:
    """Whether a heading opens a part that follows an article: about its author, related stories, comments."""
    if len(text) > SHORT_BYLINE:
        return False
    return bool(_TAIL_HEADING.match(text)) or kind_of_line(text) in {"related", "comments"}


@lru_cache(maxsize=16384)
def is_foreign(tag: str, hint: str) -> bool:
    """Whether an element with this tag and hint names a part that is not article text."""
    if tag in _FOREIGN_TAGS:
        return True
    if not hint or tag in _NEUTRAL_TAGS or _SURELY_ARTICLE.search(hint):
        return False
    return bool(_FOREIGN_ANYWHERE.search(hint) or _FOREIGN_WORDS.search(hint))


@lru_cache(maxsize=16384)
def is_lead_hint(hint: str) -> bool:
    """Whether a class or id calls its element a lead."""
    return bool(_LEAD_HINT.search(hint))


_BYLINE = re.compile(
    r"^\W*(?:[Bb]y|[Vv]on|[Pp]ar|[Pp]or|[Dd]i|[Dd]e|[Dd]oor|[Aa]v|[Aa]f|[Pp]rzez|[Aa]utor(?:a|en|es)?|[Tt]ext[eo]?"
    r"|BY|VON|PAR|POR|[Ww]ritten by|[Pp]ublicado por|[Аа]втор)\s*:?\s+[A-ZÀ-ÞА-Я]"
    r"|^\W*(?:Autoři|Autorka|Autori|Autorzy|Autorius|Autorė|Autors|Författare|Forfatter|Kirjoittaja|Szerzők?|Yazan|Piše"
    r"|Tác giả|Phóng viên|Пише|Автор[иы]|Συντάκτης)\s*:\s*\w"
)
_MOMENT = re.compile(r"(?:19|20)\d\d|\d{1,2}[:.h]\d\d|\d{1,2}[./]\d{1,2}[./]\d{2}")
_LETTERS = re.compile(r"[^\W\d_]+")
# A day of a year in figures, and a time of day.
_DAY = re.compile(r"(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d(?!\d)|(?:19|20)\d\d")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:：]\d\d(?!\d)")
# The way from the front page to a rubric.
_PATH = re.compile(r"[^«]*?\S\s*(?:>{1,2}|›|→|»|\s[/|]\s)\s*\S[^»]*")


def line_names(text: str) -> list[str]:
    """Returns names for what a short line looks like: a pointer to other pages, a byline, nothing but a date."""
    names = ["unwanted line"] if is_unwanted_line(text) else []
    if len(text) <= SHORT_BYLINE and _BYLINE.match(text):
        names.append("byline line")
    if is_moment_line(text):
        names.append("moment line")
    return names


def is_byline(text: str) -> bool:
    """Whether a short line names who wrote the text, and says nothing else."""
    return len(text) <= SHORT_BYLINE and bool(_BYLINE.match(text)) and text[-1] not in ".!?:…"


def is_moment_line(text: str) -> bool:
    """Whether a line consists of a date or a time of day, with a few words at the most."""
    if len(text) > SHORT_BYLINE or not _MOMENT.search(text):
        return False
    if text[-1] in SENTENCE_ENDS:
        return False
    words = _LETTERS.findall(text)
    return len(words) <= FEW_WORDS and (text.isascii() or sum(map(count_words, words)) <= FEW_WORDS)


def is_head_line(text: str) -> bool:
    """Whether a line between headline and text gives moment and source, or the rubrics around the page."""
    if len(text) > HEAD_CHARS or text[-1] in SENTENCE_ENDS:
        return False
    if len(text) <= SHORT_BYLINE and _PATH.fullmatch(text):
        return True
    if not _DAY.search(text):
        return labels_source(text) and len(text) <= SHORT_BYLINE
    return labels_source(text) or (bool(_CLOCK.search(text)) and len(_LETTERS.findall(text)) <= MOST_NAMES)


@lru_cache(maxsize=512)
def is_unwanted_line(text: str) -> bool:
    """Whether a short line is a pointer to other pages, an advertisement mark, or a notice. A page asks twice."""
    if len(text) <= SHORT_LINE and _UNWANTED_LINE.match(text):
        return True
    if (len(text) <= SHORT_BYLINE and _MECHANICAL.match(text)) or is_notice(text) or is_sign_up_line(text):
        return True
    if is_ad_line(text) or is_counter(text) or is_page_line(text) or invites_to_letter(text):
        return True
    # One of these words is in every such notice; the pattern is too slow to try on each paragraph.
    if len(text) > CONSENT_CHARS or not ("xtern" in text or "ritt" in text or "third" in text):
        return False
    return has_any(text, _CONSENT_MARKS) and bool(_EMBED_CONSENT.search(text))
