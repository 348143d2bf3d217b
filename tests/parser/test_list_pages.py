"""Pages of links in many languages and kinds of markup: none is an article, whatever its head says of it; and stories
that look like them stay articles."""

import html
from itertools import product

import pytest

from services.parser.page import parse_page
from shared.parsed_page import ParsedPage

SITE = "https://www.kelmora.example"

# For each language the name of a section, what introduces it, and the halves of its headlines.
LANGUAGES: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "pt": (
        "Cultura",
        "Tudo sobre teatro, música e livros na nossa cidade, atualizado ao longo do dia.",
        ("Teatro de Vilar", "Museu do Sal", "Orquestra do Norte", "Biblioteca velha"),
        ("reabre as portas depois de dez anos", "recebe uma doação inesperada", "procura novo diretor para a casa"),
    ),
    "pl": (
        "Kultura",
        "Wszystko o teatrze, muzyce i książkach w naszym mieście, przez cały dzień.",
        ("Teatr w Zalesiu", "Muzeum soli", "Orkiestra północy", "Stara biblioteka"),
        ("otwiera się po dziesięciu latach", "dostaje niespodziewany dar", "szuka nowego dyrektora na wiosnę"),
    ),
    "el": (
        "Πολιτισμός",
        "Όλα για το θέατρο, τη μουσική και τα βιβλία στην πόλη μας, όλη την ημέρα.",
        ("Το θέατρο του Πύργου", "Το μουσείο αλατιού", "Η ορχήστρα του βορρά", "Η παλιά βιβλιοθήκη"),
        ("ανοίγει ξανά μετά από δέκα χρόνια", "δέχεται μια απρόσμενη δωρεά", "ζητά νέο διευθυντή για την άνοιξη"),
    ),
    "ar": (
        "ثقافة",
        "كل ما يخص المسرح والموسيقى والكتب في مدينتنا على مدار اليوم.",
        ("مسرح القلعة القديم", "متحف الملح البحري", "أوركسترا الشمال الكبيرة", "مكتبة الميناء العتيقة"),
        ("يفتح أبوابه بعد عشر سنوات", "يتلقى هبة لم تكن متوقعة", "يبحث عن مدير جديد في الربيع"),
    ),
    "hi": (
        "संस्कृति",
        "हमारे शहर के रंगमंच, संगीत और किताबों की हर बात, दिन भर।",
        ("किले का रंगमंच", "नमक का संग्रहालय", "उत्तर का वाद्यवृंद", "पुराना पुस्तकालय"),
        ("दस साल बाद फिर खुला अपने दरवाज़े", "को मिला एक अनपेक्षित दान", "बसंत में खोजेगा नया निदेशक"),
    ),
    "ja": (
        "文化",
        "街の演劇と音楽と本の話題を一日じゅうお届けします。",
        ("城跡の古い劇場が", "塩の博物館が", "北の交響楽団が", "港の旧図書館が"),
        ("十年ぶりに扉を開くことを決めた", "思いがけない寄付を受け取った", "春から新しい館長を探している"),
    ),
    "th": (
        "วัฒนธรรม",
        "เรื่องละคร ดนตรี และหนังสือในเมืองของเราตลอดทั้งวัน",
        ("โรงละครเก่าริมป้อม", "พิพิธภัณฑ์เกลือทะเล", "วงดุริยางค์ทางเหนือ", "ห้องสมุดเก่าที่ท่าเรือ"),
        ("เปิดประตูอีกครั้งหลังสิบปี", "ได้รับของขวัญที่ไม่คาดคิด", "กำลังหาผู้อำนวยการคนใหม่"),
    ),
    "fi": (
        "Kulttuuri",
        "Kaikki kaupunkimme teatterista, musiikista ja kirjoista, läpi koko päivän.",
        ("Linnan vanha teatteri", "Suolan oma museo", "Pohjoisen suuri orkesteri", "Sataman vanha kirjasto"),
        ("avaa ovensa kymmenen vuoden jälkeen", "saa aivan yllättävän lahjoituksen", "etsii uutta johtajaa keväälle"),
    ),
}
DECLARED = {
    "nothing": "",
    "open graph": '<meta property="og:type" content="article"><meta property="article:published_time" '
    'content="2025-03-04T10:00:00Z">',
    "news article": '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",'
    '"headline":"NAME","datePublished":"2025-03-04T10:00:00Z","author":{"@type":"Person","name":"Redaktion"}}</script>',
    "collection": '<meta property="og:type" content="article"><script type="application/ld+json">{"@context":'
    '"https://schema.org","@type":"CollectionPage","name":"NAME","datePublished":"2025-03-04"}</script>',
}
PATHS = [
    "/",
    "/culture/",
    "/culture.html",
    "/latest-news.html",
    "/tag/old-harbour-library/",
    "/author/mira-tolvanen/page/3/",
    "/archive/2025/03/04/",
    "/search?q=library",
    "/index.php?section=culture",
]


def headlines(language: str) -> list[str]:
    _, _, starts, ends = LANGUAGES[language]
    space = "" if language in {"ja", "th"} else " "
    return [f"{start}{space}{end}" for start, end in product(starts, ends)]


def address(at: int) -> str:
    return f"/2025/03/{at + 1:02}/the-old-house-opens-again-{48200 + at}"


def linked(at: int, text: str) -> str:
    return f'<a href="{address(at)}">{html.escape(text)}</a>'


def cards(language: str) -> str:
    teaser = LANGUAGES[language][1] * 3
    return "".join(
        f'<div class="card"><h3 class="card-title">{linked(at, text)}</h3><p class="excerpt">{teaser}</p></div>'
        for at, text in enumerate(headlines(language))
    )


def wordpress(language: str) -> str:
    return "".join(
        f'<article class="post type-post"><header class="entry-header"><h2 class="entry-title">{linked(at, text)}</h2>'
        f'<time datetime="2025-03-{at + 1:02}">{at + 1}.3.2025</time></header><div class="entry-summary"><p>'
        f"{LANGUAGES[language][1]}</p></div></article>"
        for at, text in enumerate(headlines(language))
    )


def rows_of(language: str) -> list[str]:
    return [linked(at, text) for at, text in enumerate(headlines(language))]


def lines(language: str) -> str:
    rows = "".join(
        f"<li><span>1{at % 10}:05</span> {linked(at, text)}</li>" for at, text in enumerate(headlines(language))
    )
    return f"<p>{LANGUAGES[language][1]}</p><ul>{rows}</ul>"


def with_films(language: str) -> str:
    intro = LANGUAGES[language][1]
    films = "".join(
        f'<div class="film"><video poster="/f{at}.jpg"></video><div class="film-info"><div class="film-name">'
        f'{text}</div><div class="film-text"><p>{intro * 4}</p></div></div></div>'
        for at, text in enumerate(headlines(language))
    )
    items = "".join(
        f'<div class="item"><h3>{linked(at, text)}</h3></div>' for at, text in enumerate(headlines(language))
    )
    return f'{items}<div class="player">{films}</div>'


def with_long_ending(language: str) -> str:
    return f"{lines(language)}<div class='about-section'>{f'<p>{LANGUAGES[language][1] * 4}</p>' * 5}</div>"


MARKUPS = [cards, wordpress, lines, with_films, with_long_ending]


def page(language: str, main: str, path: str, head: str = "", title: str | None = None) -> ParsedPage:
    name = title or LANGUAGES[language][0]
    source = f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{name} | Kelmora</title>
    {head.replace("NAME", name)}</head><body><header><nav><ul><li><a href="/">Kelmora</a></li><li><a href="/culture/">
    {LANGUAGES[language][0]}</a></li></ul></nav></header><main><h1>{name}</h1>{main}</main>
    <footer><a href="/about/">Kelmora 2025</a></footer></body></html>"""
    return parse_page(source.encode(), url=SITE + path)


# Each path with each of two declarations: all pairs of language, markup and path, and of path and declaration.
CASES = [
    (language, markup, path, list(DECLARED)[(at + more + turn) % len(DECLARED)])
    for more, language in enumerate(LANGUAGES)
    for turn, markup in enumerate(MARKUPS)
    for at, path in enumerate(PATHS)
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_of_links_is_a_listing(language: str) -> None:
    for _, markup, path, declared in (case for case in CASES if case[0] == language):
        got = page(language, markup(language), path, DECLARED[declared])
        found = {line.url for line in got.headlines}
        assert (markup, path, declared, got.page_type, got.article) == (markup, path, declared, "listing", None)
        assert found >= {SITE + address(at) for at in range(12)}
        assert "related" not in {line.kind for line in got.headlines}


@pytest.mark.parametrize(
    "path", ["/culture-16804552.html", "/c/12345", "/rubric.php?id=12", "/the-long-road-to-a-house"]
)
@pytest.mark.parametrize("declared", ["nothing", "news article"])
def test_a_section_whose_address_is_like_a_story_s(path: str, declared: str) -> None:
    for markup in MARKUPS:
        assert page("pl", markup("pl"), path, DECLARED[declared]).article is None, markup


@pytest.mark.parametrize("path", ["/culture/", "/culture.html", "/tag/house/", "/archive/2025/03/04/"])
def test_a_declared_page_of_few_lines_or_none_has_no_article(path: str) -> None:
    few = "".join(f"<article><h3>{row}</h3></article>" for row in rows_of("el")[:4])
    for main in (few, '<div id="root"></div>'):
        assert page("el", main, path, DECLARED["news article"]).article is None


SENTENCE = {
    "pt": "A direção da casa disse na segunda-feira que as obras acabam antes do verão e que todos serão convidados. ",
    "pl": "Dyrekcja powiedziała w poniedziałek, że prace skończą się przed latem i że wszyscy będą zaproszeni. ",
    "el": "Η διεύθυνση είπε τη Δευτέρα ότι τα έργα τελειώνουν πριν από το καλοκαίρι και ότι όλοι θα είναι καλεσμένοι. ",
    "ar": "قالت الإدارة يوم الاثنين إن الأعمال ستنتهي قبل الصيف وإن الجميع سيكونون مدعوين إلى حفل الافتتاح. ",
    "hi": "निदेशालय ने सोमवार को कहा कि काम गर्मियों से पहले पूरा हो जाएगा और सबको न्योता दिया जाएगा। ",
    "ja": "館の担当者は月曜日、工事は夏の前に終わり、開館の式には町の誰もが招かれると記者たちに説明した。",
    "th": "ฝ่ายบริหารกล่าวเมื่อวันจันทร์ว่างานจะเสร็จก่อนฤดูร้อนและทุกคนจะได้รับเชิญไปร่วมพิธีเปิด ",
    "fi": "Johto sanoi maanantaina, että työt päättyvät ennen kesää ja että kaikki kutsutaan avajaisiin. ",
}


def rails(language: str) -> str:
    rows = "".join(f"<li>{linked(at, text)}</li>" for at, text in enumerate(headlines(language)))
    return f'<aside><h2>{LANGUAGES[language][0]}</h2><ul>{rows}</ul></aside><div class="more"><ul>{rows}</ul></div>'


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/culture/house", "/house.html", "/culture/2025/03/05/the-old-house-finds-its-key"])
@pytest.mark.parametrize("declared", ["nothing", "open graph", "news article"])
def test_a_story_beside_many_lists_stays_an_article(language: str, path: str, declared: str) -> None:
    title = headlines(language)[5]
    text = "".join(f"<p>{SENTENCE[language] * 2}</p>" for _ in range(6))
    got = page(language, f"<div>{text}</div>{rails(language)}", path, DECLARED[declared], title)
    assert got.page_type == "article"
    assert got.article is not None
    assert got.article.text.count(SENTENCE[language].strip()) == 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_short_declared_story_with_the_address_of_one_stays_an_article(language: str) -> None:
    title = headlines(language)[5]
    path = "/culture/the-old-house-finds-its-key-48311.html"
    got = page(language, f"<p>{SENTENCE[language] * 2}</p>{rails(language)}", path, DECLARED["open graph"], title)
    assert got.page_type == "article"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/letters/march", "/letters/the-letter-of-the-4th-of-march-2025"])
def test_a_round_up_that_leads_on_to_its_stories_stays_an_article(language: str, path: str) -> None:
    parts = "".join(
        f"<h2>{linked(at, text)}</h2><p>{SENTENCE[language] * 3}</p><p>{SENTENCE[language] * 2}</p>"
        for at, text in enumerate(headlines(language)[:10])
    )
    title = headlines(language)[11]
    assert page(language, parts, path, DECLARED["open graph"], title).page_type == "article"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "player", ["<audio src=/1.mp3 controls></audio>", "<iframe src='https://films.example/1'></iframe>"]
)
def test_what_a_page_says_of_its_films_is_no_article(language: str, player: str) -> None:
    films = "".join(
        f"<figure>{player}<figcaption><strong>{text}</strong><p>{SENTENCE[language] * 3}</p></figcaption></figure>"
        for text in headlines(language)[:3]
    )
    stories = "".join(f"<li>{linked(at, text)}</li>" for at, text in enumerate(headlines(language)))
    got = page(language, f"{films}<ul>{stories}</ul>", "/films", DECLARED["open graph"])
    assert got.page_type == "listing"
    assert got.article is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_long_ago_a_story_is_from_is_not_its_rank(language: str) -> None:
    stories = "".join(
        f"<div>{linked(at, text)}<small>{at + 1} h</small></div>" for at, text in enumerate(headlines(language))
    )
    got = page(language, stories, "/culture", DECLARED["open graph"])
    assert got.page_type == "listing"
    assert {line.kind for line in got.headlines} == {"front"}
