"""Stories of a few short paragraphs, in scripts and with endings that are not those of English, are kept whole."""

import pytest

from services.parser.page import parse_page
from shared.parsed_page import ParsedPage

URL = "https://vale-beacon.example/news/2024/05/story.html"
DECLARED = '<meta property="og:type" content="article">'
RAIL = "".join(
    f'<li><a href="/2024/05/0{at}/a-story-of-the-day-{at}">Story of day number {at}</a></li>' for at in range(7)
)

CHINESE = """石桥镇的老磨坊星期天重新开门，第一批面粉当天就卖完了。
磨坊主说，水轮是照着1884年的图纸做的。
三个村子的面包师已经订了货。
孩子们可以在星期六看磨面。
明年春天还会修好河上的小桥。"""
JAPANESE = """谷川町の古い水車小屋が日曜日に再び開きました。
水車は1884年の図面どおりに作られました。
近くの村のパン屋が粉を注文しています。
町は来春、川の橋も直す予定です。"""
KOREAN = """돌다리 마을의 낡은 물레방앗간이 일요일에 다시 문을 열어 첫 밀가루를 팔았다고 마을이 밝혔다.
물레바퀴는 1884년에 그린 도면을 보고 그대로 만들었다.
이웃 마을의 빵집 세 곳이 벌써 밀가루를 주문했으며 학교도 견학을 신청했다.
마을은 내년 봄 강을 건너는 작은 다리도 고칠 계획이다."""
AMHARIC = """የድልድዩ መንደር አሮጌው ወፍጮ ቤት እሑድ ዕለት እንደገና ተከፍቶ የመጀመሪያውን ዱቄት ሸጠ።
የውሃ መንኮራኩሩ በ1884 በተሳለው ንድፍ መሠረት በመንደሩ አንጥረኞች ተሠርቷል።
ሦስት የአጎራባች መንደር ዳቦ ጋጋሪዎች ዱቄት አዝዘዋል፤ ትምህርት ቤቱም ጉብኝት ጠይቋል።
መንደሩ በመጪው ጸደይ በወንዙ ላይ ያለውን ትንሽ ድልድይ ለመጠገን አቅዷል።"""
HINDI = """पुल गाँव की पुरानी पनचक्की रविवार को फिर से खुली और पहला आटा उसी दिन बिक गया।
पहिया 1884 के नक्शे के अनुसार गाँव के लोहारों ने बनाया है।
तीन पड़ोसी गाँवों के नानबाइयों ने आटे का ऑर्डर दे दिया है और स्कूल भी देखने आएगा।
गाँव अगले वसंत में नदी का छोटा पुल भी ठीक कराएगा।"""
DUTCH = """De oude watermolen van Steenbrug ging zondag weer open en verkocht die dag al zijn meel%s
Het rad is gebouwd naar een tekening van de smid van het dorp%s
Drie bakkers uit de buurt hebben al meel besteld voor de winter%s
De school komt in juni kijken hoe het koren wordt gemalen%s
De molenaar vertelde dat er negen jaar aan het dak is gewerkt%s
Volgend voorjaar wordt ook de kleine brug over de beek hersteld%s"""


def parse(title: str, text: str, *, head: str = DECLARED, between: str = "", after: str = "") -> ParsedPage:
    paragraphs = "".join(f"<p>{line}</p>{between}" for line in text.splitlines())
    html = f"""<html><head><meta charset="utf-8"><title>{title} | The Vale Beacon</title>{head}</head><body>
    <header><a href="/">The Vale Beacon</a></header><main><article><h1>{title}</h1>{paragraphs}</article></main>{after}
    <footer><p>The Vale Beacon 2024</p></footer></body></html>"""
    return parse_page(html.encode(), url=URL)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("老磨坊重新开门", CHINESE),
        ("水車小屋が再び回る", JAPANESE),
        ("물레방아가 다시 돈다", KOREAN),
        ("አሮጌው ወፍጮ ቤት እንደገና ተከፈተ", AMHARIC),
        ("पुरानी पनचक्की फिर चली", HINDI),
    ],
)
def test_a_story_of_short_paragraphs_is_kept_whole(title: str, text: str) -> None:
    page = parse(title, text)
    assert page.article is not None
    assert page.article.text == text


@pytest.mark.parametrize("end", [".", "", ". [7]", ". (vpd)", ".<sup>7</sup>", " [12]", "!”", " (vpd)"])
@pytest.mark.parametrize("after", ["", f'<div class="rail"><ul>{RAIL}</ul></div>'])
@pytest.mark.parametrize("between", ["", '<div class="ad"><div>Advertentie</div></div>'])
def test_paragraphs_may_end_in_anything(end: str, after: str, between: str) -> None:
    text = DUTCH.replace("%s", end)
    page = parse("Watermolen draait weer na negen jaar", text, head="", between=between, after=after)
    assert page.article is not None
    opening = [line.partition(end)[0] if end else line for line in text.splitlines()]
    assert [line[: len(start)] for line, start in zip(page.article.text.splitlines(), opening, strict=True)] == opening
    assert not page.article.truncated


def test_loose_text_in_the_block_of_the_headline_is_the_story() -> None:
    story = (
        "Вчера вечером на пристани открыли новый маяк, который строили четыре года.<br><br>"
        "Первыми его огонь увидели рыбаки, возвращавшиеся с промысла через пролив.<br><br>"
        "Строители обещают, что лампа прослужит не меньше двадцати лет.<br><br>"
        "Старый маяк, стоявший на скале с прошлого века, разберут весной, а его колокол передадут школе.<br><br>"
        "Жители посёлка собрали деньги на праздник и накормили ухой всех, кто пришёл посмотреть на первый огонь."
    )
    html = (
        f"<html lang=ru><title>Новый маяк открыт</title><body><div id=c><h1>Новый маяк открыт</h1>{story}</div></body>"
    )
    article = parse_page(html.encode(), url="https://bereg.example/news/12345-mayak.html").article
    assert article is not None
    assert [block.text[:8] for block in article.blocks] == ["Вчера ве", "Первыми ", "Строител", "Старый м", "Жители п"]
