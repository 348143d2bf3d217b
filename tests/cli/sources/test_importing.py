"""`depeche sources import` and `export`: subscriptions become sources, and nothing is lost silently."""

import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cli.sources.blocks import name_of_address, slug
from tests.cli.conftest import Run
from tests.support.running import Ran

# As Miniflux writes it: 2.0, one level of folders.
FLAT = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head><title>Miniflux</title><dateCreated>Mon, 12 May 2025 08:00:00 UTC</dateCreated></head>
  <body>
    <outline text="Bałtyk">
      <outline title="Głos Portu" text="Głos Portu" xmlUrl="https://glos.example/rss" htmlUrl="https://glos.example/"
        description="" type="rss"></outline>
      <outline title="Fischer &amp; Söhne &lt;heute&gt;" text="x" type="rss"
        xmlUrl="https://fischer.example/f?a=1&amp;b=2"/>
    </outline>
  </body>
</opml>
"""
# As older readers write it: folders in folders, a feed in two of them, without titles, in another encoding.
NESTED = """<?xml version="1.0" encoding="windows-1251"?>
<opml version="1.0"><body>
<outline text="Новости"><outline text="Спорт">
<outline type="rss" text="Гавань" xmlUrl="feed://gavan.example/rss.xml"/>
<outline type="rss" xmlUrl="https://www.forum.example/r/ports/.rss"/>
</outline></outline>
<outline text="Порты"><outline type="rss" text="Гавань" xmlUrl="http://gavan.example/rss.xml#top"/></outline>
</body></opml>
"""


def sources(text: str) -> list[dict[str, Any]]:
    return tomllib.loads(text).get("source", [])


def brought(run: Run, tmp_path: Path, body: bytes | str, *options: str) -> Ran:
    (tmp_path / "file").write_bytes(body if isinstance(body, bytes) else body.encode())
    return run("sources", "import", "file", *options)


def test_folders_become_tags_and_titles_names(run: Run, tmp_path: Path) -> None:
    ran = brought(run, tmp_path, FLAT)
    assert ran.status == 0
    assert "2 added, 0 there already, 0 refused" in ran.err
    assert sources(ran.out) == [
        {"name": "głos-portu", "url": "https://glos.example/rss", "kind": "feed", "tags": ["Bałtyk"]},
        {
            "name": "fischer-sohne-heute",
            "url": "https://fischer.example/f?a=1&b=2",
            "kind": "feed",
            "tags": ["Bałtyk"],
        },
    ]
    assert "# Fischer & Söhne <heute>\n[[source]]" in ran.out


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-8-sig", "utf-16"])
def test_encodings_nested_folders_and_doubled_feeds(run: Run, tmp_path: Path, encoding: str) -> None:
    ran = brought(run, tmp_path, NESTED.encode(encoding))
    assert ran.status == 0
    assert "2 added, 0 there already, 0 refused, 1 twice in the file, and taken once" in ran.err
    first, second = sources(ran.out)
    assert first["url"] == "http://gavan.example/rss.xml"
    assert (first["name"], first["tags"]) == ("гавань", ["Новости", "Спорт", "Порты"])
    assert (second["name"], second["tags"]) == ("forum-example-r-ports", ["Новости", "Спорт"])


REFUSED = """<opml version="2.0"><head><title>Mine & yours</title></head><body>
<outline text="Nothing in it"></outline>
<outline text="Podcast" type="rss" xmlUrl="itpc://pod.example/feed"/>
<outline text="Others" type="include" url="https://lists.example/others.opml"/>
<outline text="Wrong" type="rss" xmlUrl="/feed.xml"/>
<outline text="A page" htmlUrl="https://page.example/"/>
<outline text="Sport" isComment="true"><outline text="Off" type="rss" xmlUrl="https://off.example/rss"/></outline>
<outline text="Scraped" type="HTML+XPath" xmlUrl="https://scraped.example/news"/>
<outline text="Cut" type="rss" xmlUrl="https://cut.example/f
"""


def test_what_is_refused_mended_or_read_in_another_way_is_told(run: Run, tmp_path: Path) -> None:
    ran = brought(run, tmp_path, REFUSED)
    assert ran.status == 1
    for said in (
        "refused: Nothing in it: it has no address",
        "refused: Podcast: itpc: is no address of the web",
        "refused: Others: it includes another file, https://lists.example/others.opml",
        "refused: Wrong: it is not a whole address, such as https://news.example/",
        "a-page: it has no xmlUrl, so its page is taken",
        "line 1: a bare &; it was read nevertheless",
        "line 10: the file breaks off here",
        "3 added, 0 there already, 4 refused",
    ):
        assert said in ran.err
    assert [(s["name"], s.get("kind"), s.get("enabled", True)) for s in sources(ran.out)] == [
        ("a-page", "page", True),
        ("off", "feed", False),
        ("scraped", "page", True),
    ]


LIST = """# my feeds
https://one.example/feed.xml

https://two.example/?id=7#frag "News" "long tag" "~The Second\\"s" ! # not read
"query:Unread:unread = \\"yes\\""
three.example/rss\t"~Three, the \x07third"
exec:~/bin/make-feed
ftp://four.example/
nonsense
https://one.example/feed.xml
"""


def test_a_list_of_addresses_as_newsboat_has_it(run: Run, tmp_path: Path) -> None:
    ran = brought(run, tmp_path, LIST.replace("\n", "\r\n"))
    assert ran.status == 1
    assert sources(ran.out) == [
        {"name": "one-example", "url": "https://one.example/feed.xml"},
        {"name": "the-second-s", "url": "https://two.example/?id=7#frag", "tags": ["News", "long tag"]},
        {"name": "three-the-third", "url": "https://three.example/rss"},
    ]
    for said in (
        "refused: line 5, ",
        "newsboat makes it itself",
        "refused: line 7, exec:~/bin/make-feed: newsboat makes it itself",
        "refused: line 8, ftp://four.example/: ftp: is no address of the web",
        "refused: line 9, nonsense: it is not a whole address",
        "3 added, 0 there already, 4 refused, 1 twice in the file",
    ):
        assert said in ran.err


def test_a_file_is_added_to_and_a_second_import_adds_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    before = '# mine\r\n[[source]]\r\nname = "glos-portu"\r\nurl = "https://a.example/"\r\n[source.headers]\r\nX = "y"'
    path.write_bytes(before.encode())
    path.chmod(0o640)
    ran = brought(run, tmp_path, FLAT, "--write", "sources.toml")
    assert (ran.status, ran.out) == (0, "")
    assert "2 added to sources.toml" in ran.err
    text = path.read_bytes().decode()
    assert text.startswith(before)
    assert [s["name"] for s in sources(text)] == ["glos-portu", "głos-portu", "fischer-sohne-heute"]
    assert path.stat().st_mode & 0o777 == 0o640
    again = brought(run, tmp_path, FLAT, "--write", "sources.toml")
    assert "0 added to sources.toml, 2 there already, 0 refused" in again.err
    assert path.read_bytes().decode() == text
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "sources.toml"]
    assert run("sources", "check", "--offline", "sources.toml").status == 0


def test_names_are_unique_and_a_new_file_is_made(run: Run, tmp_path: Path) -> None:
    ran = brought(run, tmp_path, "".join(f'https://{n}.example/rss "~News"\n' for n in "abc"), "--write", "new.toml")
    assert ran.status == 0
    assert [s["name"] for s in sources((tmp_path / "new.toml").read_text())] == ["news", "news-2", "news-3"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "file is empty."),
        (b" \n", "file is empty."),
        (b"# nothing\n", "file has no addresses: all of it is comments."),
        (b"<rss><channel><title>A feed</title></channel></rss>", "no subscriptions: its first element is <rss>"),
        (b"<opml version='2.0'><body/></opml>", "no subscriptions: it has no <outline>"),
        (b"%PDF-1.7\x00\x01", "file is not a text"),
    ],
)
def test_files_without_subscriptions(run: Run, tmp_path: Path, body: bytes, said: str) -> None:
    ran = brought(run, tmp_path, body, "--write", "sources.toml")
    assert (ran.status, said in ran.err) == (2, True)
    assert not (tmp_path / "sources.toml").exists()


def test_no_entity_is_defined_and_nothing_is_read_from_outside(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    head = '<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY s SYSTEM "secret">]>'
    outline = '<outline text="&b;&s;" type="rss" xmlUrl="https://a.example/rss"/>'
    ran = brought(run, tmp_path, f"{head}<opml><body>{outline}</body></opml>")
    assert (ran.status, sources(ran.out)[0]["name"]) == (0, "b-s")


def test_a_sources_file_that_is_wrong_or_cannot_grow_stays_as_it_is(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    for text, said in (
        ("[[sources]]\n", "line 1: [[sources]]: there is no such table"),
        ('source = [{name = "a", url = "https://a.example/"}]\n', "cannot have a [[source]] at its end"),
    ):
        path.write_text(text)
        ran = brought(run, tmp_path, FLAT, "--write", "sources.toml")
        assert (ran.status, said in ran.err, path.read_text()) == (2, True, text)


EXPORTED = """[[source]]
name = "Fisch & <Chips> \\"quoted\\""
url = "https://fisch.example/feed?a=1&b='2'"
tags = ["Essen, Trinken", "Küste"]
headers = {Authorization = "secret"}

[[source]]
name = "untagged"
url = "https://plain.example/x"
kind = "feed"

[[source]]
name = "front"
url = "https://front.example/"
tags = ["Küste"]

[[source]]
name = "off"
url = "https://off.example/rss"
enabled = false
"""


def test_readers_get_the_feeds_in_folders(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(EXPORTED)
    ran = run("sources", "export", "sources.toml", "--opml")
    assert "2 exported, 2 left out: front, off" in ran.err
    assert "secret" not in ran.out
    root = ElementTree.fromstring(ran.out)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    folder, untagged = root.findall("./body/outline")
    assert (folder.get("text"), folder.get("xmlUrl")) == ("Essen, Trinken", None)
    (feed,) = folder
    assert feed.attrib == {
        "text": 'Fisch & <Chips> "quoted"',
        "title": 'Fisch & <Chips> "quoted"',
        "type": "rss",
        "xmlUrl": "https://fisch.example/feed?a=1&b='2'",
        "htmlUrl": "https://fisch.example/",
        "category": "Essen  Trinken,Küste",
    }
    assert untagged.get("category") is None


def test_the_way_out_and_back_again(run: Run, tmp_path: Path) -> None:
    (tmp_path / "sources.toml").write_text(EXPORTED.replace("Essen, Trinken", "Essen"))
    (tmp_path / "all.opml").write_text(run("sources", "export", "sources.toml", "--opml", "--all").out)
    ran = run("sources", "import", "all.opml", "--write", "back.toml")
    assert ran.status == 0
    found = {
        s["url"]: (s.get("tags", []), s.get("enabled", True)) for s in sources((tmp_path / "back.toml").read_text())
    }
    assert found == {
        "https://fisch.example/feed?a=1&b='2'": (["Essen", "Küste"], True),
        "https://plain.example/x": ([], True),
        "https://front.example/": (["Küste"], True),
        "https://off.example/rss": ([], False),
    }
    (tmp_path / "again.opml").write_text(run("sources", "export", "back.toml", "--opml", "--all").out)
    again = run("sources", "import", "again.opml", "--write", "back.toml")
    assert "0 added to back.toml, 4 there already, 0 refused" in again.err


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Le Monde – À la une", "le-monde-a-la-une"),
        ("  BBC   News | World ", "bbc-news-world"),
        ("L'Équipe’s", "lequipes"),
        ("朝日新聞デジタル", "朝日新聞デジタル"),
        ("हिन्दी समाचार", "हिन्दी-समाचार"),
        ("Ελλάδα Τώρα", "ελλαδα-τωρα"),
        ("العربية.نت", "العربية-نت"),
        ("!!!", ""),
        ("word " * 30, "-".join(["word"] * 12)),
    ],
)
def test_names_of_titles(title: str, name: str) -> None:
    assert slug(title) == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.news.example/rss.xml", "news-example"),
        ("https://news.example/sport/feed/", "news-example-sport"),
        ("https://news.example/feeds/politics.rss", "news-example-politics"),
        ("http://127.0.0.1:8000/", "127-0-0-1"),
    ],
)
def test_names_of_addresses(url: str, name: str) -> None:
    assert name_of_address(url) == name
