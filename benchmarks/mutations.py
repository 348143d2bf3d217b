"""Breaks pages in the ways that the web breaks them, and a few more; the same seed gives the same breakage."""

import random
from collections.abc import Callable

Mutation = Callable[[bytes, bytes, random.Random], bytes]

PIECES = (
    b"<p>", b"</p>", b"<div>", b"</div>", b"<a href='/x'>", b"</a>", b"<table><tr><td>", b"<svg>", b"<template>",
    b"<!--", b"-->", b"<![CDATA[", b"<script>", b"</script>", b"<style>", b"<title>", b"<base href='//['>", b"<li>",
    b"<marquee>", b"<time datetime='99999-13-45'>", b"<meta charset=utf-16>", b"<html lang='\xff'>", b"&#0;",
    b"&#xD800;", b"\x00", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80\x8f", b"\xc2\xa0" * 8, b"<" * 50,
    b'"' * 9, b"<p " * 40,
)  # fmt: skip
JSON_LD = b'<script type="application/ld+json">%s</script>'
CHARSETS = (b"utf-8", b"utf-16", b"iso-8859-1", b"shift_jis", b"x-unknown", b"utf-7", b"windows-1256")


def cut(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    """The connection broke off."""
    return page[: dice.randrange(len(page) + 1)]


def drop(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Pieces are missing."""
    for _ in range(dice.randint(1, 20)):
        at = dice.randrange(len(page) + 1)
        page = page[:at] + page[at + dice.randint(1, 400) :]
    return page


def repeat(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    """A part stands there several times."""
    at, size = dice.randrange(len(page) + 1), dice.randint(1, 3000)
    return page[:at] + page[at : at + size] * dice.randint(2, 30) + page[at:]


def insert(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Stray tags, entities and bytes, anywhere, inside tags too."""
    for _ in range(dice.randint(1, 40)):
        at = dice.randrange(len(page) + 1)
        page = page[:at] + dice.choice(PIECES) * dice.choice((1, 1, 1, 2, 50)) + page[at:]
    return page


def flip(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Bytes are wrong."""
    broken = bytearray(page)
    for _ in range(dice.randint(1, 200)):
        if broken:
            broken[dice.randrange(len(broken))] = dice.randrange(256)
    return bytes(broken)


def splice(page: bytes, other: bytes, dice: random.Random) -> bytes:
    """Half of one page, half of another."""
    return page[: dice.randrange(len(page) + 1)] + other[dice.randrange(len(other) + 1) :]


def nest(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    """A part of the page is deep inside."""
    at, tag = (
        dice.randrange(len(page) + 1),
        dice.choice((b"div", b"span", b"b", b"ul><li", b"table><tr><td", b"blockquote")),
    )
    return page[:at] + (b"<" + tag + b">") * dice.choice((10, 300, 3000)) + page[at:]


def lie(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    """The declared encoding is not that of the bytes."""
    if dice.random() < 0.3:
        return page.decode("utf-8", "replace").encode(
            dice.choice(("utf-16", "utf-16-le", "cp1251", "utf-8-sig")), "replace"
        )
    return b"<meta charset=" + dice.choice(CHARSETS) + b">" + page


def falsify(page: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Structured data that is no help: absurd, deep or cut."""
    data = dice.choice(
        (
            b"[" * 5000,
            b'{"@graph":' * 200 + b"1" + b"}" * 200,
            b'{"@type":"NewsArticle","datePublished":"99999-99-99","author":[[[{"name":null}]]],"headline":7}',
            b'{"@type":["NewsArticle",{}],"author":{"author":{"author":1}},"articleBody":["x"],"image":{"url":[]}}',
            b'{"@type":"NewsArticle","headline":"\\ud800","dateModified":1e309}',
        )
    )  # fmt: skip
    at = dice.randrange(len(page) + 1)
    return page[:at] + JSON_LD % data + page[at:]


MUTATIONS: tuple[Mutation, ...] = (cut, drop, repeat, insert, flip, splice, nest, lie, falsify)


def mutate(page: bytes, other: bytes, seed: int) -> bytes:
    """The page after one to three mutations, chosen by `seed`."""
    dice = random.Random(seed)
    for _ in range(dice.randint(1, 3)):
        page = dice.choice(MUTATIONS)(page, other, dice)
    return page
