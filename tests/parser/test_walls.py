"""Pages that only bar the way have no article; stories about such things do."""

import pytest

from services.parser.page import parse_page
from shared.parsed_page import ParsedPage


def parsed(lang: str, title: str, body: str) -> ParsedPage:
    html = f"<!DOCTYPE html><html lang={lang}><head><title>{title}</title></head><body>{body}</body></html>"
    return parse_page(html.encode(), url="https://weide.example/2025/11/24/der-rat-kauft-die-muehle")


@pytest.mark.parametrize(
    ("wall", "lang", "title", "body"),
    [
        (
            "challenge",
            "de",
            "Nur einen Moment…",
            "<h1>weide.example</h1><p>Bestätigen Sie, dass Sie ein Mensch sind, indem "
            "Sie die folgende Aktion ausführen.</p>",
        ),
        (
            "challenge",
            "ja",
            "しばらくお待ちください...",
            "<h1>weide.example</h1><p>人間であることを確認します"
            "。これには数秒かかる場合があります。続行するまでお待ちください。</p>",
        ),
        (
            "challenge",
            "tr",
            "Güvenlik kontrolü",
            "<h1>Güvenlik kontrolü</h1><p>Devam etmek için lütfen insan olduğunuzu "
            "doğrulayın. Sayfa birazdan yüklenecektir.</p>",
        ),
        (
            "region",
            "sv",
            "Vi värnar om våra läsare",
            "<h1>Vi värnar om våra läsare</h1><p>Den här webbplatsen är för närvarande "
            "inte tillgänglig för besökare från "
            "Europeiska ekonomiska samarbetsområdet.</p>",
        ),
        (
            "region",
            "vi",
            "Báo Liễu",
            "<p>Rất tiếc, trang web này hiện không khả dụng tại quốc gia của bạn. Chúng "
            "tôi xin lỗi vì sự bất tiện này.</p>",
        ),
        (
            "javascript",
            "el",
            "Εφημερίδα",
            "<p>Για να δείτε αυτή τη σελίδα πρέπει να ενεργοποιήσετε τη JavaScript στο πρόγραμμα περιήγησής σας.</p>",
        ),
        ("javascript", "en", "Post", "<div id=root></div><noscript>You need to enable JavaScript.</noscript>"),
        (
            "login",
            "uk",
            "Вхід",
            "<h1>Вхід</h1><p>Щоб продовжити читання, будь ласка, увійдіть до облікового запису на нашому сайті.</p>",
        ),
        (
            "missing",
            "de",
            "Seite nicht gefunden | Weidenpost",
            "<main><h1>Seite nicht gefunden</h1><p>Die von Ihnen gesuchte Seite wurde "
            "leider nicht gefunden. Vielleicht wurde "
            "sie verschoben; bitte nutzen Sie die Suche.</p></main>",
        ),
        (
            "consent",
            "fi",
            "Pajulehti",
            "<h1>Arvostamme yksityisyyttäsi</h1><p>Me ja 640 kumppaniamme tallennamme "
            "evästeitä laitteellesi ja käsittelemme "
            "henkilötietoja. Voit peruuttaa suostumuksesi milloin tahansa.</p><button>Hyväksy kaikki</button>",
        ),
    ],
)
def test_a_wall_is_no_article(wall: str, lang: str, title: str, body: str) -> None:
    page = parsed(lang, title, body)
    assert (page.article, page.page_type, page.wall, page.headlines) == (None, "other", wall, [])


@pytest.mark.parametrize(
    ("lang", "title", "paragraphs"),
    [
        (
            "de",
            "Warum Captchas immer schwieriger werden",
            "<p>Wer im Netz beweisen will, dass er ein Mensch ist, muss immer öfter "
            "Ampeln anklicken, zählten Forscher.</p>"
            "<p>Roboter lösen die Aufgaben inzwischen schneller, und die Überprüfung "
            "kostet Nutzer Millionen Stunden.</p>",
        ),
        (
            "es",
            "Página no encontrada: la web olvida",
            "<p>Una de cada cuatro páginas publicadas hace diez años ya no existe, "
            "según un estudio de la universidad.</p>"
            "<p>Los investigadores siguieron un millón de direcciones; la mayoría "
            "eran artículos de medios locales.</p>",
        ),
        (
            "ru",
            "Браузеры откажутся от старого JavaScript",
            "<p>Разработчики трёх браузеров договорились отключить устаревшие функции "
            "JavaScript к осени, сообщили они.</p>"
            "<p>Старые сайты, которые не поддерживают новый стандарт, придётся "
            "переписать, и это затронет порталы.</p>",
        ),
    ],
)
def test_a_story_about_walls_is_an_article(lang: str, title: str, paragraphs: str) -> None:
    page = parsed(lang, f"{title} | Post", f"<main><article><h1>{title}</h1>{paragraphs}</article></main>")
    assert page.article is not None
    assert not page.wall


@pytest.mark.parametrize(("count", "paywalled"), [(8, False), (2, True)])
def test_what_is_shown_decides_whether_readers_must_pay(count: int, paywalled: bool) -> None:
    data = '{"@type": "NewsArticle", "headline": "Rat kauft Mühle", "isAccessibleForFree": false}'
    text = (
        "<p>Der Gemeinderat hat am Dienstag beschlossen, die alte Mühle am Bach zu kaufen, und zwar für {} Taler, sagte"
    )
    text += " die Bürgermeisterin, und der Umbau soll im Herbst beginnen.</p>"
    story = "".join(text.format(number) for number in range(count))
    page = parsed(
        "de",
        "Rat kauft Mühle",
        f'<script type="application/ld+json">{data}</script><article><h1>Rat kauft Mühle</h1>{story}</article>',
    )
    assert page.article is not None
    assert page.article.paywalled == paywalled


@pytest.mark.parametrize(("tier", "paywalled"), [("metered", False), ("locked", True), ("free", False)])
def test_a_metered_story_that_is_all_there_is_not_paywalled(tier: str, paywalled: bool) -> None:
    story = "".join(
        f"<p>{text}</p>"
        for text in (
            "Na Ilha do Farol, a escola primária abriu na segunda-feira com mais nove crianças do que no ano passado.",
            "A diretora conta que três famílias chegaram do continente para trabalhar na fábrica de conservas.",
            "A câmara prometeu duas salas novas até ao verão e um barco para as crianças da outra margem.",
            "Os pais pedem também uma cantina, porque a mais próxima fica a vinte minutos a pé.",
            "A obra custa perto de meio milhão, e metade vem do fundo das pescas, diz o presidente da junta.",
        )
    )
    page = parse_page(
        f'<html lang="pt"><head><title>Escola da ilha ganha nove alunos</title><meta property="article:content_tier" '
        f'content="{tier}"><meta property="og:type" content="article"></head><body><main><article>'
        f"<h1>Escola da ilha ganha nove alunos</h1>{story}</article></main></body></html>".encode(),
        url="https://gazeta.example/ilha/escola-da-ilha-ganha-nove-alunos",
    )
    assert page.article is not None
    assert page.article.paywalled is paywalled
