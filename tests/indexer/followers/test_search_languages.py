"""Words are found as the language and the script write them, whichever form the text has and whichever is asked for."""

import psycopg
import pytest

from services.indexer.followers.search import SEARCH, form_anew, index_words
from services.indexer.locks import take_for_transaction
from services.indexer.schema import migrate as migrating
from services.indexer.schema.files import all_migrations
from services.indexer.schema.migrate import apply, connect, migrate
from tests.indexer.followers.test_search import names, search
from tests.indexer.followers.test_search_newest_first import NOW, write
from tests.support.servers import PostgresForTests

# Language, text, what finds it, and what does not.
CASES = [
    (
        "zh",
        "国务院总理出席会议，经济增长放缓",
        ["总理", "会议 放缓", '"经济增长"', "總理", "理"],
        ["长放经", "增经", "议经"],
    ),
    ("zh", "總統府發表聲明", ["总统府", "發表"], ["统总"]),
    ("ja", "政府は新しいサーバーを使った", ["サーバ", "政府", "使う", "新しい"], ["府政", "バーサ"]),
    ("ja", "らーめん店で野菜を食べた", ["ラーメン", "食べる", "野菜"], ["飲む"]),
    ("th", "นายกรัฐมนตรีเยือนญี่ปุ่น ปี ๒๕๖๘", ["รัฐมนตรี", "ญี่ปุ่น", "2568"], ["มนตรีรัฐ"]),
    ("my", "ရန်ကုန်မြို့တွင်ရေကြီးခဲ့သည်", ["ရန်ကုန်"], ["ရန်သူ"]),
    ("km", "ទឹកជំនន់នៅរាជធានីភ្នំពេញ", ["ភ្នំពេញ"], ["ភ្នំក្រោម"]),
    ("bo", "ལྷ་སའི་གྲོང་ཁྱེར་དུ་ཚོགས་འདུ་འཚོགས།", ["ལྷ་ས", "ཚོགས་འདུ"], ["འདུ་ཚོགས"]),
    ("ko", "정부는 경제성장을 발표했다", ["정부가", "경제", "경제 성장", "경제성장", "발표하다"], ["부는", "제성"]),
    ("ar", "والحكومة في الميناء", ["حكومة", "الحكومه", "ميناء", "بالميناء"], ["محكمة"]),
    ("fa", "کتاب‌های ايران", ["کتاب", "كتابها", "ایران"], ["کباب"]),
    ("he", 'ובממשלה של ארה"ב', ["הממשלה", "ממשלות", "ארה״ב"], ["משל"]),
    ("am", "የመንግስት ሠራተኞች", ["መንግሥት", "ሰራተኛ"], ["መንገድ"]),
    ("hi", "हिन्दी क़ानूनों की सरकारें", ["हिंदी", "कानून", "सरकार"], ["सरल"]),
    ("tr", "İstanbul'da yangınlar çıktı", ["istanbul", "yangın", "yangin"], ["yanlış"]),
    ("sr", "Влада у Београду", ["vlada", "Beograd"], ["vladika"]),
    ("uk", "Здоров’я народу", ["здоров'я", "народ"], ["народження"]),
    ("pl", "Rząd w Łodzi, ministrowie", ["rządu", "lodzi", "minister"], ["rzadki"]),
    ("fr", "Les sœurs à l’école", ["soeur", "sœur", "ecole"], ["ecologie"]),
    (
        "en",
        "The University organized wolves, mice; she won. Defence of Labour",
        ["universities", "organise", "wolf", "mouse", "win", "defense", "labor", "LABOUR"],
        ["universe", "organ", "wool"],
    ),
    ("de", "Sie gewann und protestierte, gerettet", ["gewinnen", "protestieren", "retten"], ["gewinde"]),
    ("nl", "Bomen, huizen en brieven", ["boom", "huis", "brief"], ["bom", "huid"]),
    ("sv", "Soldaterna på flygplatsen", ["soldat", "flygplats"], ["sold"]),
    ("es", "El libro de las nuevas", ["libros", "nuevo"], ["libra"]),
    ("vi", "Kỹ thuật", ["kĩ thuật", "ky"], ["kho"]),
    ("xx", "Zorgle blarg", ["zorgle"], ["zorg"]),
]


@pytest.mark.parametrize("by_language", [False, True])
def test_words_are_found_in_every_script(by_language: bool, database: psycopg.Connection) -> None:
    for number, (language, text, _, _) in enumerate(CASES):
        index_words(database, [write(database, str(number), NOW, body=text, language=language)])
    for number, (language, _, found, not_found) in enumerate(CASES):
        given = {"in_language": language} if by_language else {}
        assert {query: str(number) in names(database, query, **given) for query in (*found, *not_found)} == {
            **dict.fromkeys(found, True),
            **dict.fromkeys(not_found, False),
        }, language


@pytest.mark.parametrize(
    ("language", "text", "query", "marked"),
    [
        ("zh", "他说，中國經濟增長放緩。", "经济增长", "中國«經濟增長»放緩"),
        ("zh", "他喜欢喝茶。", "茶 喜欢", "他«喜欢»喝«茶»。"),
        ("en", "The word 经济 is Chinese.", "经济 chinese", "«经济» is «Chinese»"),
        ("ko", "오늘 정부는 말했다.", "정부", "오늘 «정부는» 말했다."),
        ("uk", "Міністерство охорони здоров’я.", "здоров'я", "охорони «здоров’я»."),
        ("he", 'נשיא ארה"ב בירושלים', "ארה״ב", '«ארה"ב»'),
        ("ar", "قال الرَّئِيس ذلك", "رئيس", "قال «الرَّئِيس» ذلك"),
        ("de", "Die Straße und die Häuser.", "haus", "Die Straße und die «Häuser»."),
        ("tr", "Başkanın evinde yangınlar", "yangın başkan", "«Başkanın» evinde «yangınlar»"),
    ],
)
def test_an_excerpt_marks_whole_words_as_the_text_writes_them(
    language: str, text: str, query: str, marked: str, database: psycopg.Connection
) -> None:
    index_words(database, [write(database, "it", NOW, body=text, language=language)])
    (row,) = search(database, query)
    assert marked in row["excerpt"]


def test_an_excerpt_of_a_long_text_without_spaces_is_short_and_has_what_was_found(database: psycopg.Connection) -> None:
    text = "今天没有什么新闻。" * 200 + "台风登陆广东。" + "今天没有什么新闻。" * 200
    index_words(database, [write(database, "it", NOW, body=text, language="zh")])
    (row,) = search(database, "台风")
    assert "«台风»登陆广东" in row["excerpt"]
    assert len(row["excerpt"]) < 400
    assert row["excerpt"].count("«") == row["excerpt"].count("»")


def test_a_query_is_asked_in_the_languages_of_articles_alone(database: psycopg.Connection) -> None:
    asked = "SELECT config FROM unnest(depeche.search_questions('boats', NULL)) CROSS JOIN unnest(configs) AS config"
    assert database.execute(asked).fetchall() == []
    article = write(database, "it", NOW, body="a boat", language="en")
    index_words(database, [article])
    assert database.execute(asked).fetchall() == [("pg_catalog.english",)]
    database.execute("UPDATE depeche.articles SET language = 'sw' WHERE article_id = %s", [article])
    index_words(database, [article])
    assert sorted(database.execute(asked).fetchall()) == [("pg_catalog.english",), ("swahili",)]
    assert names(database, "boat") == ["it"]


# As the version before formed words.
FIRST_WORDS = """
INSERT INTO depeche.search_documents AS d (article_id, config, document)
SELECT a.article_id, c.name, setweight(to_tsvector(c.name::regconfig, depeche.unaccented(a.body)), 'D')
FROM depeche.articles AS a
LEFT JOIN depeche.search_languages l ON l.language = a.language
CROSS JOIN LATERAL (SELECT coalesce(l.config, 'pg_catalog.simple') AS name) AS c
ON CONFLICT (article_id) DO UPDATE SET config = excluded.config, document = excluded.document
"""
TEXTS = {"zh": "经济增长", "pl": "Rząd ministra", "tr": "Limanda yangın", "en": "The ships"}


def test_words_of_the_version_before_are_found_until_they_are_formed_anew(postgres: PostgresForTests) -> None:
    with postgres.database(template="template0") as url:
        with connect(url) as connection:
            connection.execute(migrating.CREATE_LOG)
            apply(connection, all_migrations()[0])
            for language, text in TEXTS.items():
                write(connection, language, NOW, body=text, language=language)
            connection.execute(FIRST_WORDS)
        migrate(url)
        with connect(url) as database:
            before = {"经济增长": [], "经济": [], "ministra": ["pl"], "minister": [], "yangin": ["tr"], "ship": ["en"]}
            assert {query: names(database, query) for query in before} == before
            assert names(database, "ministra", in_language="pl") == ["pl"]
            assert names(database, "liman", in_language="tr") == ["tr"]
            write(database, "late", NOW, body="Rząd", language="pl")
            database.execute(FIRST_WORDS)  # an indexer of that version goes on
            assert sorted(names(database, "rzad")) == ["late", "pl"]
            form_anew(database)
            after = before | {"经济增长": ["zh"], "经济": ["zh"], "minister": ["pl"]}
            assert {query: names(database, query) for query in after} == after
            assert sorted(names(database, "rządu", in_language="pl")) == ["late", "pl"]
            assert database.execute("SELECT count(*) FROM depeche.search_documents WHERE formed < 2").fetchone() == (0,)


def test_words_are_not_formed_anew_while_the_follower_works(database_url: str, database: psycopg.Connection) -> None:
    """Else what it read before could be written over what the follower has written since."""
    article = write(database, "it", NOW, body="harbour")
    index_words(database, [article])
    database.execute("UPDATE depeche.search_documents SET formed = 1")
    left = "SELECT count(*) FROM depeche.search_documents WHERE formed < 2"
    with psycopg.connect(database_url) as other:
        assert take_for_transaction(other, SEARCH.name)
        form_anew(database)
        assert database.execute(left).fetchone() == (1,)
    form_anew(database)
    assert database.execute(left).fetchone() == (0,)
