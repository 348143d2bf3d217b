"""Bytes to text: encodings as pages declare them, as they lie about them, and what is no text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.parser.outline.decode import decode_page
from shared.failures import GiveUp

PHRASE = "<p>Où est l’été ? Ça, c’est à Besançon – Ärger über Öl, niño</p>"


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "", None),
        ("utf-8-sig", "", None),
        ("utf-8", '<meta charset="iso-8859-1">', None),
        ("utf-8", "", "text/html; charset=ISO-8859-1"),
        ("cp1252", '<meta charset="windows-1252">', None),
        ("cp1252", '<meta charset="iso-8859-1">', None),
        ("cp1252", '<meta http-equiv="Content-Type" content="text/html; charset=latin1">', None),
        ("cp1252", "", "text/html; charset=windows-1252"),
        ("utf-16", "", None),
        ("utf-16-le", "<html>", None),
        ("utf-16-be", "<html>", None),
    ],
)
def test_says_the_same_in_every_encoding(encoding: str, declared: str, content_type: str | None) -> None:
    body = (declared + PHRASE).encode(encoding)
    assert decode_page(body, content_type) == declared + PHRASE


@pytest.mark.parametrize(
    ("encoding", "phrase"),
    [
        ("windows-1251", "<p>Сегодня в столице прошли выборы, сообщает агентство новостей. Погода хорошая.</p>"),
        ("shift_jis", "<p>きょうの東京は晴れです。気象庁が午後に発表しました。</p>"),
        ("gb18030", "<p>今天北京天气晴朗，气象部门下午发布了消息。</p>"),
        ("iso-2022-jp", "<p>きょうの東京は晴れです。</p>"),
    ],
)
def test_believes_the_declaration_where_utf8_fails(encoding: str, phrase: str) -> None:
    declared = f'<meta charset="{encoding}">'
    assert decode_page((declared + phrase).encode(encoding)) == declared + phrase


def test_guesses_without_a_declaration() -> None:
    phrase = "<p>Сегодня в столице прошли выборы, сообщает агентство новостей. Погода хорошая, ветер слабый.</p>"
    assert decode_page(phrase.encode("windows-1251")) == phrase


def test_one_broken_character_does_not_spoil_utf8() -> None:
    body = (PHRASE * 5).encode() + b"\xff" + PHRASE.encode()
    assert decode_page(body) == PHRASE * 5 + "\ufffd" + PHRASE


def test_a_cut_character_at_the_end_is_dropped() -> None:
    assert decode_page("<p>été".encode()[:-1]) == "<p>ét"


def test_nuls_and_control_characters_go() -> None:
    assert decode_page(b"<p>a\x00b\x08c\x1fd\tend</p>") == "<p>abcd\tend</p>"


@pytest.mark.parametrize("body", [b"", b"  \r\n\t"])
def test_nothing_is_refused(body: bytes) -> None:
    with pytest.raises(GiveUp) as caught:
        decode_page(body)
    assert (caught.value.reason, caught.value.fate) == ("empty_body", "refused")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"%PDF-1.7 rest", "text/html"),
        (b"\x89PNG\r\n\x1a\n rest", None),
        (b"PK\x03\x04 rest", None),
        (bytes(range(256)) * 40, "text/html"),
        (b"just words", "video/mp4"),
    ],
)
def test_what_is_no_text_is_refused(body: bytes, content_type: str | None) -> None:
    with pytest.raises(GiveUp) as caught:
        decode_page(body, content_type)
    assert (caught.value.reason, caught.value.fate) == ("unsupported_type", "refused")


@given(st.binary())
def test_gives_clean_text_or_gives_up(body: bytes) -> None:
    try:
        text = decode_page(body)
    except GiveUp:
        return
    assert "\x00" not in text
    text.encode("utf-8")
