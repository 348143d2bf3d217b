"""Who wrote this? Names of people out of what pages put into author fields and bylines.

Author fields hold prefixes, roles, e-mail addresses, agencies and the paper's own name beside the people. An agency or
the publisher is an author only where nobody else is.
"""

import html
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from services.parser.fields.months import fold_word, month_number
from services.parser.fields.roles import names_beside_role, says_role, without_weekday
from services.parser.language.scripts import has_caseless

# Longer text is a sentence, not a byline.
LONGEST_BYLINE = 160
# "María del Carmen de la Torre y Sánchez" has eight words; more are a sentence.
MOST_WORDS = 6
MOST_WORDS_WITH_ROLE = 12
# More names without capitals are a list of topics.
MOST_CASELESS = 4
# Without capitals and without a word like "by", more phrases are no names.
MOST_IN_PAIR = 2
# A byline that ends an article: names, a slash, the paper.
LEAST_SIGNATURE, LONGEST_SIGNATURE = 3, 80
LONGEST_ORGANISATION = 60
# Letters of a name that may stand for a publisher who writes himself in one word: "El Bote", ElBote.com.
LEAST_SQUASHED = 8

_PREFIX = re.compile(
    r"^\W*(?:"
    r"(?:(?:written|posted|published|reported|story|words|photos?|text|article|review|analysis)\s+)?by|"
    r"(?:(?:ein(?:e|en)?\s+\w+|(?:ein\s+)?(?:blog\s?-?)?(?:beitrag|post)|eingestellt|autorenseite|erstellt|verfasst|geschrieben|veröffentlicht|gespeichert|artikel|text|interview|kommentar)\s+)?vo[nm]|autor(?:in|en|es)?|"
    r"(?:(?:propos recueillis|publié|écrit|rédigé|article)\s+)?par|(?:(?:escrito|publicado|texto)\s+)?por|texto de|"
    r"(?:articolo\s+)?di|a cura di|door|(?:skrevet\s+)?av|af|oleh|przez|от|від|από|"
    r"piše|пише|пишува|írta|scris de|написала?|автор|מאת|โดย|द्वारा|"
    r"بقلم|كتب(?:ت|ه)?|تحرير|إعداد|نویسنده|投稿者|執筆者?"
    r")\s*[:：]?\s+|"
    r"^\W*(?:by|von|par|por|di|av|authors?|written by|autor(?:in|en|es)?|auteure?s?|redaktion|text|texte|texto|tekst|"
    r"yazan|автор[ыи]?|текст|piše|пише|írta|szerző|penulis|tác giả|συντάκτης|κείμενο|autorius|autors?|autoři|autorzy|"
    r"forfatter|författare|tekijä|kirjoittaja|teksti?|szöveg|haber|yazar|muallif|автори|מאת|लेखक|লেখক|लेखिका|ผู้เขียน|โดย|글|"
    r"تحریر|ავტორი|հեղինակ|כתבת?|muhabir|корреспондент|журналист|wartawan|بقلم|كتب|إعداد|نویسنده|文|著者|作者|記者|执笔|執筆|责任编辑|责编|責任編輯|取材・文|文章)\s*[:：／/・=＝●]\s*",
    re.I,
)
_DANGLING = re.compile(r"\s(?:on|at|le|el|am|den|il|em)[\s.,:|–-]*$")
_MONTH_AND_DAY = re.compile(r"\s([^\W\d_]{3,10})\.?\s+\d")
# How publishing systems introduce an author.
_WRITTEN_BY = (
    "written by", "verfasst von", "geschrieben von", "écrit par", "rédigé par", "escrito por", "scritto da",
    "geschreven door", "skrevet av", "skrevet af", "skrivet av", "napisane przez", "posted by", "published by",
    "gespeichert von", "artikel von", "author:", "autor:", "autorin:", "autoren:", "auteur :",
)  # fmt: skip
_BY_GLUED = re.compile(r"^(?:By|BY|Von|Par|Por)(?=[A-Z][a-z])")
_SPLIT = re.compile(
    r"\s*(?:,\s*(?:and|und|et|y|og|och|en|e|con|i|oraz|и|та|with|mit|avec|sowie|med|met)\s|[;|/／•·⋅∙●\n\t、،，]|,(?!\s*(?:[Jj]r|[Ss]r|II|III)\b\.?\s*(?:[,;|&]|$))|\s[&+]\s|\s[-–—]\s|"
    r"\s(?:and(?!\s+the\s)|und|et|y|e|og|och|en|sowie|with|mit|avec|con|ve|i|oraz|и|та|і)\s|\s(?=و[\u0600-\u06ff]{2,}\sو))\s*"
)
# The Arabic "and" is written in one with the next name; some names begin with the same letter.
_ARABIC_AND = re.compile(r"(?<=[\u0600-\u06ff])\s+و(?=(?P<name>[\u0600-\u06ff]{3,})\s)")
# Letters behind a name are a degree or a licence: "Jane Doe, CFP".
_CREDENTIAL = re.compile(r",\s*(?P<letters>[A-Z]{2,6}|Ph\.?D\.?|M\.D\.)(?=[®™]?\s*(?:[,;|]|$))")
_KEPT_COMMA = "\ue000"
# "Jane DoeTwitter": two elements without a space between them; "McGregor" is none.
_GLUED = re.compile(r"([A-Z][\w'’.-]* [A-Z][^\W\d_A-Z]{3,}(?<!Fitz))(?=[A-Z][a-z])")
_INVERTED = re.compile(r"^([A-Z][\w'’-]+), ([A-Z][\w'’-]+(?: [A-Z]\.)?)$")
_PICTURE_CREDIT = re.compile(r"^\W*(?:image|photo|picture|foto|bild|credit)\w*\s*:", re.I)
_OPENING, _CLOSING = ("(", "[", "（", "【", "［"), (")", "]", "）", "】", "］")
# What stands beside a name to be clicked, without a mark between them.
_BUTTON = re.compile(
    r"\s+(?=(?:e-?mail|follow|subscribe|share|tweet|print|updated|view (?:profile|bio|all)|read more|teilen|suivre|"
    r"seguir|condividi|partager|compartir)\b)",
    re.I,
)
_EMAIL = re.compile(r"\S+@\S+\.\S+|(?<!\w)@\w+")
_ADDRESS = re.compile(r"(?:https?:)?//|www\.|/\w")
_IDENTIFIER = re.compile(r"[\d\W]+|\w+(?:\.\w+){2,}")
_BRACKETS = re.compile(r"\s*[(\[{（【<].*?(?:[)\]}）】>]|$)")
_TRAILING = re.compile(
    r"\s+(?:on behalf of|(?:last )?(?:updated|reviewed)|last|is|was|has|published|posted|reports?|writes|for|from|in|"
    r"at|@|hat|ist|am|war|pour|para|per|voor|für|via|contributed|follow)\s.*$|"
    r"\s+(?:(?:on|am|le|el)\s+)?\d.*$|(?<!\d)\d{4}[-/.年].*$",
    re.I,
)
_ROLE = re.compile(
    r"\b(?:editor|reporter|writer|correspondent|columnist|journalist|contributor|producer|director|professor|author|manager|"
    r"analyst|intern|freelance|chief|senior|head of|consultant|expert|specialist|dietitian|nutritionist|founder|"
    r"ceo|cto|attorney|lawyer|physician|therapist|coach|strategist|marketer|engineer|developer|grader|former|"
    r"redakteur(?:in)?|redaktør|korrespondent(?:in)?|reporterin|volont[äa]r(?:in)?|chefredakt\w*|leiter(?:in)?|autor(?:in)?|"
    r"journaliste|rédact\w+|correspondante?|envoyée?|stagiaire|redactora?|corresponsal|periodista|enviado|giornalista|"
    r"wartawan|muhabir|журналист\w*|корреспондент\w*|редактор\w*|journalistin|fotograf\w*|photographer|managing|staff)\b",
    re.I,
)
_AGENCY_ARTICLE = re.compile(r"^(?:l['’]|the |la |der |die )", re.I)
_LISTS = tomllib.loads((Path(__file__).parent / "bylines.toml").read_text("utf-8"))
_AGENCIES = frozenset(map(fold_word, _LISTS["agencies"]))
_ORGANISATIONS = _AGENCIES | frozenset(map(fold_word, _LISTS["papers"]))
_DESK_WORDS = frozenset(map(fold_word, _LISTS["desk_words"]))
_BUTTON_WORDS = frozenset(_LISTS["button_words"])
_PARTICLES = frozenset(_LISTS["particles"])
_COMPANY_WORDS = frozenset(_LISTS["company_words"])
_HOUSE_ENDINGS = tuple(_LISTS["house_endings"])
_ARTICLES = frozenset(_LISTS["articles"])
_WAW_NAMES = frozenset(_LISTS["waw_names"])
_WORDS = re.compile(r"[^\W\d_]+")
_SITE_NAME = re.compile(r"\w\.(?:com|de|net|org|fr|is|co|info|ch|at|it|es|pl|nl|no|se|dk|ru|ua|tr|jp|uk)\b")
_LINE_EDGE = re.compile(r"[|·•⋅]|\s[–—-]\s")
_NOT_IN_SIGNATURES = re.compile(r"[!?…:%€$=_#*<>]|\d{2}|https?|^\W|^\d")
_NOT_IN_NAMES = re.compile(
    r"[\d!?…:%€$=_#*！？。：「」《》]|\.\.|\.(?:com|de|net|org|fr|is|co|info|ch|at|it|es|pl|nl)\b", re.I
)


def people(values: Iterable[str | None], publisher: str | None = None) -> list[str]:
    """The authors that author fields name, in order and once each.

    Agencies sign beside people; other organisations only where no person is named.
    """
    persons: dict[str, str] = {}
    agencies: dict[str, str] = {}
    others: dict[str, str] = {}
    for whole in filter(None, map(_field_text, values)):
        is_desk = is_organisation(whole, publisher) and not says_role(whole)
        names = [] if is_desk else _names(whole, publisher)
        for name in names:
            persons.setdefault(fold_word(name), name)
        for part in map(_without_article, _SPLIT.split(whole)):
            if is_agency(part):
                agencies.setdefault(fold_word(part), part)
        if not names and _may_sign(whole):
            others.setdefault(fold_word(whole), whole)
    if any(" " in name for name in persons.values()):  # a user's name beside a full one is the same person's
        persons = {key: name for key, name in persons.items() if not _is_user_name(name)}
    return list((persons | agencies if persons else others).values())


def _field_text(value: str | None) -> str:
    """The names in an author field, without a prefix; "" for an address, a number or a picture's credit."""
    if not value or _PICTURE_CREDIT.match(value):
        return ""
    text = _INVERTED.sub(r"\2 \1", _bare(value))
    return "" if _ADDRESS.match(text) or _IDENTIFIER.fullmatch(text) else _PREFIX.sub("", text) or text


def _may_sign(whole: str) -> bool:
    """Whether an author field without people may be an organisation."""
    return not _ROLE.fullmatch(whole) and not _ADDRESS.match(whole) and len(whole) <= LONGEST_ORGANISATION


def _without_article(part: str) -> str:
    """`l'AFP`, `the Associated Press`: the name alone."""
    return _AGENCY_ARTICLE.sub("", part.strip(" .,"))


def byline_people(text: str, publisher: str | None = None, *, pen_names: bool = False) -> list[str]:
    """The people in a visible byline; stricter than `people`, because a byline's box also holds dates and links.

    Only what looks like a full name counts, so that "Updated yesterday" and "Follow us" do not become authors;
    `pen_names` admits single words as well, for boxes that hold nothing but the author.
    """
    if not text:
        return []
    raw = _bare(text)
    body = _PREFIX.sub("", _BY_GLUED.sub("", raw))
    parts = [
        name
        for name in _names(_BUTTON.sub(" | ", _GLUED.sub(r"\1 | ", body)), publisher)
        if _BUTTON_WORDS.isdisjoint(_WORDS.findall(fold_word(name)))
    ]
    names = [name for name in parts if looks_like_a_name(name)]
    if has_caseless(body) and (len(names) > MOST_CASELESS or (len(parts) > 1 and body == raw and not _is_pair(names))):
        return []  # without capitals to go by, a list of phrases is not a list of names
    if not names and pen_names and len(parts) == 1 and " " not in parts[0]:
        names = parts
    return list({fold_word(name): name for name in names}.values())


def signed_by(text: str) -> str | None:
    """Who signs a byline that names no person: a desk, a team, a pen name."""
    body = _PREFIX.sub("", _BY_GLUED.sub("", _bare(text)))
    part = next((clean for part in _LINE_EDGE.split(body) if (clean := _without_trailing(part).strip(" .,:;-–—"))), "")
    words = part.split()
    if not 1 <= len(words) <= MOST_WORDS or len(part) < LEAST_SIGNATURE or _NOT_IN_SIGNATURES.search(part):
        return None
    if not _BUTTON_WORDS.isdisjoint(_WORDS.findall(fold_word(part))):
        return None
    return part


def people_with_roles(text: str, publisher: str | None = None) -> list[str]:
    """The people of a line that names them, says what they are, and nothing else: `김하늘 기자`, `记者 张三`.

    For scripts without capitals; with capitals to go by, other lines are bylines, too.
    """
    line = _bare(text)
    if len(line) > LONGEST_SIGNATURE or not has_caseless(line) or not says_role(line):
        return []
    parts = [_without_trailing(_PREFIX.sub("", part)).strip(" .,:;-–—") for part in _split(line)]
    named = [_names_beside_role(part, publisher) for part in parts if part]
    if not any(named):
        return []
    names: list[str] = []
    for part, beside in zip(filter(None, parts), named, strict=True):
        if beside is None and not looks_like_a_name(part):
            return []
        names += [part] if beside is None else beside
    return list(dict.fromkeys(names))


def is_house(name: str, publisher: str | None) -> bool:
    """Whether a name is the publisher's own, perhaps as a desk (`Redaktion Seeblatt`); its reporters sign."""
    if not publisher or is_agency(name):
        return False
    whole, theirs = (_WORDS.findall(fold_word(said)) for said in (name, publisher))
    names = {_without(theirs, _ARTICLES), _without(theirs, _ARTICLES | _COMPANY_WORDS)} - {""}
    said = {_without(whole, _ARTICLES), _without(whole, _ARTICLES | _DESK_WORDS)} - {""}
    return not names.isdisjoint(said | {core.removesuffix(end) for core in said for end in _HOUSE_ENDINGS})


def _without(words: list[str], others: frozenset[str]) -> str:
    return "".join(word for word in words if word not in others)


def _is_pair(names: list[str]) -> bool:
    """Whether these are at most two names of several words each."""
    return len(names) <= MOST_IN_PAIR and all(" " in name for name in names)


def signature(line: str, publisher: str | None = None) -> list[str]:
    """The people of a line that is nothing but a byline (`Par Jean Dupont`, `Jean Dupont / Le Journal`), else nothing.

    For lines of running text, where taking a sentence or a subhead for a byline would lose it.
    """
    line = line.strip()
    if not line or len(line) > LONGEST_SIGNATURE or line[-1] in '.!?…»"':
        return []
    body = _PREFIX.sub("", line)
    announced = body != line
    parts = [part for part in _SPLIT.split(_BRACKETS.sub("", body)) if part]
    names = [part for part in parts if looks_like_a_name(part) and not _is_outlet(part, publisher)]
    if announced:
        return names
    # Without capitals to go by, a name must stand beside the name of its paper.
    beside = len(parts) > len(names)
    if len(parts) > len(names) + 1 or (has_caseless(line) and not beside):
        return []
    return names


def people_of_line(text: str) -> list[str]:
    """The people of a line whose date was taken out: of the first part between bars and dashes that is a signature."""
    for part in _LINE_EDGE.split(text):
        line = _without_trailing(part.strip()).strip(" ,:;")
        names = signature(line) if _BUTTON_WORDS.isdisjoint(_WORDS.findall(fold_word(line))) else []
        if names:
            return names
    return []


def _is_outlet(part: str, publisher: str | None) -> bool:
    """Whether this part of a signature is the paper: it has an article, one word, or a word of the publisher's name."""
    words = _WORDS.findall(fold_word(part))
    known = {word for word in _WORDS.findall(fold_word(publisher or "")) if len(word) > 2} - _ARTICLES
    return len(words) < 2 or words[0] in _ARTICLES or not known.isdisjoint(words) or is_organisation(part, publisher)


def is_organisation(name: str, publisher: str | None) -> bool:
    """An agency, a desk, or the paper itself."""
    folded = fold_word(name).strip(" .")
    if folded in _ORGANISATIONS:
        return True
    words = _WORDS.findall(folded)
    return _SITE_NAME.search(folded) is not None or not _DESK_WORDS.isdisjoint(words) or _belongs_to(words, publisher)


def is_anonymous(name: str, publisher: str | None) -> bool:
    """An organisation or a user's name: whoever the page names in words is the better answer; agencies do sign."""
    return not is_agency(name) and (_is_user_name(name) or is_organisation(name, publisher))


def is_agency(name: str) -> bool:
    """A news agency."""
    return fold_word(name) in _AGENCIES


def _is_user_name(name: str) -> bool:
    return " " not in name and name == name.lower() and name.isascii()


def _belongs_to(words: list[str], publisher: str | None) -> bool:
    """Whether a name is a part of the publisher's (`Bote`, `Der Bote AG`), its initials, or its start in one word."""
    if not publisher or not words:
        return False
    theirs = _WORDS.findall(fold_word(publisher))
    whole = "".join(words)
    return (
        set(words) <= set(theirs)
        or (len(theirs) > 1 and words == ["".join(word[0] for word in theirs)])
        or (len(whole) >= LEAST_SQUASHED and "".join(theirs).startswith(whole))
    )


def looks_like_a_name(name: str) -> bool:
    """Two to six words that begin with capitals, particles aside; in scripts without capitals a short phrase."""
    if _NOT_IN_NAMES.search(name):
        return False
    words = name.split()
    if has_caseless(name):
        return 1 <= len(words) <= MOST_WORDS - 1 and 2 <= len(name) <= 30
    if not 2 <= len(words) <= MOST_WORDS:
        return False
    return words[0][0].isupper() and all(
        w[0].isupper() or fold_word(w) in _PARTICLES or w[:2] in ("d'", "d’", "al") for w in words
    )


def _split(text: str) -> list[str]:
    """The parts of a list of names."""
    if "و" in text:
        text = _ARABIC_AND.sub(lambda found: found[0] if f"و{found['name']}" in _WAW_NAMES else ",", text)
    if "," in text:
        text = _CREDENTIAL.sub(_keep_comma, text)
    return [part.replace(_KEPT_COMMA, ", ") for part in _SPLIT.split(text)]


def _keep_comma(found: re.Match[str]) -> str:
    shouted = found.string[: found.start()].isupper()  # "JO DAVIS, PARIS"
    return found[0] if shouted or fold_word(found["letters"]) in _AGENCIES else _KEPT_COMMA + found["letters"]


def _without_trailing(part: str) -> str:
    """Without what follows a name in the same breath: a date, a place, what was done."""
    date = _MONTH_AND_DAY.search(part)
    if date and month_number(date[1], None):
        part = part[: date.start()]
    bare = _TRAILING.sub("", part)
    return _DANGLING.sub("", without_weekday(bare, dated=bool(date) or bare != part))


def _names(text: str, publisher: str | None) -> list[str]:
    """The parts of an author field that are no agency, no role and no place."""
    names: list[str] = []
    for part in _split(text):
        name = _without_trailing(_PREFIX.sub("", f"{part} ")).strip(" \t.,:;|-–—*·=")
        beside = _names_beside_role(name, publisher)
        if beside is not None:
            names += beside
        elif _is_name_in_field(name, names, publisher):
            names.append(name)
    return names


def _names_beside_role(name: str, publisher: str | None) -> list[str] | None:
    if len(name.split()) > MOST_WORDS_WITH_ROLE:
        return None
    found = names_beside_role(name, lambda said: looks_like_a_name(said) and not is_organisation(said, publisher))
    return found and [_without_agency(name) for name in found]


def _without_agency(name: str) -> str:
    words = name.split()
    return " ".join(words[:-1]) if len(words) > 2 and is_agency(words[-1]) else name


def _is_name_in_field(name: str, before: list[str], publisher: str | None) -> bool:
    """Whether a part without a role may be a name behind these."""
    if (
        len(name) < 2
        or len(name.split()) > MOST_WORDS
        or _PREFIX.fullmatch(f"{name} ")
        or _NOT_IN_NAMES.search(name)
        or _ADDRESS.match(name)
        or _ROLE.search(name)
        or is_organisation(name, publisher)
    ):
        return False
    # "Jane Doe, Washington"
    return not (before and " " in before[0] and len(name.split()) == 1 and not has_caseless(name))


def _bare(text: str) -> str:
    """Without markup, addresses and what stands in brackets."""
    if "<" in text or "&" in text:
        text = re.sub(r"<[^>]*>", " ", html.unescape(text))
    if text[:1] in _OPENING and text[-1:] in _CLOSING:
        text = text[1:-1]
    return " ".join(_BRACKETS.sub("", _EMAIL.sub("", text)).split()).strip(" |,;-–—•·")


def is_written_by(text: str) -> bool:
    """Whether a text begins with "Written by", in the languages of the web's publishing systems."""
    return text[:40].lstrip().lower().startswith(_WRITTEN_BY)


def says_written_by(text: str) -> bool:
    """Whether "Written by" stands anywhere in a text."""
    lowered = text.lower()
    return any(phrase in lowered for phrase in _WRITTEN_BY)


def is_announced(text: str) -> bool:
    """Whether a line begins like a byline: "By", "Von", "Par", "بقلم"."""
    return bool(_PREFIX.match(text))
