"""Fingerprints, by which a text is recognised though it was cut, padded or given another lead. Pure: texts to numbers.

A text is taken as the set of its shingles: runs of a few words, each as a hash. Its keys are its lowest hashes: a
MinHash sketch by one hash function ("bottom-k"). Two texts that share part of their shingles share about as large a
part of their keys, so a few entries of an index lead to every candidate, also to one that is much shorter. Whether a
candidate is a copy is then decided on the whole sets. docs/decisions/0008-stories.md compares this with banded MinHash.

The work is done on whole texts by numpy and not word by word: docs/decisions/0027-rows-and-indexes.md.
"""

import functools
import re
import sys
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

WORDS_A_SHINGLE, CHARACTERS_A_SHINGLE = 5, 12
KEYS = 16
# How many words from the beginning of a text count, so that no text takes longer than some milliseconds.
MOST_WORDS = 5_000
MOST_LETTERS = 10 * MOST_WORDS

# Scripts that write no spaces between words count by characters.
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"
WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
FIRST_LATE = "\u0e00"  # all scripts without spaces come later than the others
EARLY, LATE = 1, 2

SPACE = np.uint32(0x20)
POLYNOMIAL = 0xEDB88320  # that of zlib.crc32, lowest bit first
# Bytes that one look into the table below takes a checksum over. Five words have 15 to 120 bytes.
MOST_BYTES = 256

Hashes = NDArray[np.uint32]
Numbers = NDArray[np.int64]


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A text's shingles, as hashes: in their order (`runs`), each once and rising, and the lowest of them (`keys`)."""

    runs: Hashes
    shingles: Hashes
    keys: list[int]


def fingerprint_of(text: str) -> Fingerprint:
    """Return a text's fingerprint. Case, punctuation, spaces and line breaks make no difference."""
    words, size = _words(text)
    runs = _runs(words, size)
    shingles = once(runs)
    return Fingerprint(runs=runs, shingles=shingles, keys=shingles[:KEYS].tolist())


def once(hashes: Hashes) -> Hashes:
    """Return each of the hashes once, rising."""
    ordered = np.sort(hashes)  # numpy.unique returns the same, and takes eight times as long
    is_another = np.ones(len(ordered), np.bool)
    is_another[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_another]


def common(ones: Hashes, others: Hashes) -> Hashes:
    """Return those that both have, each once, of hashes that are there once."""
    both: Hashes = np.intersect1d(ones, others, assume_unique=True)
    return both


def _words(text: str) -> tuple[bytes, int]:
    """Return the words that count, in UTF-8 with a space before each, and how many of them make a shingle."""
    # Folding may make a text longer, and never shorter.
    folded = text[:MOST_LETTERS].casefold()[:MOST_LETTERS]
    letters = np.frombuffer(f" {folded}".encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = _kinds().take(letters)
    if kinds.max() == LATE:
        found = WORD.findall(folded)[:MOST_WORDS]
        of_characters = sum(len(word) == 1 and word >= FIRST_LATE for word in found) > len(found) / 2
        return " ".join(["", *found]).encode(), CHARACTERS_A_SHINGLE if of_characters else WORDS_A_SHINGLE
    is_kept = kinds == EARLY
    spaced = np.where(is_kept, letters, SPACE)
    is_kept[:-1] |= is_kept[1:]  # and what stands before each word, now a space
    return spaced[np.flatnonzero(is_kept)].tobytes().decode("utf-32-le").encode(), WORDS_A_SHINGLE


@functools.cache
def _kinds() -> NDArray[np.uint8]:
    """By code point: 0 for what stands between words, EARLY and LATE for what words are made of."""
    kinds = np.zeros(sys.maxunicode + 1, np.uint8)
    for word in WORD.finditer("".join(map(chr, range(len(kinds))))):
        kinds[word.start() : word.end()] = EARLY if word[0] < FIRST_LATE else LATE
    return kinds


def _runs(words: bytes, size: int) -> Hashes:
    """Return the CRC-32 of each run of so many words, with single spaces between them.

    A checksum serves as the hash: it never changes, and is computed in C. Two runs in four thousand million share a
    hash, which does not matter to shares of hundreds of shingles. Checksums are computed from the beginning of the text
    up to each word, and what stands before a run is then taken out: crc(ab) = moved(crc(a), len(b)) ^ crc(b).
    """
    begins = np.flatnonzero(np.frombuffer(words, np.uint8) == SPACE)
    if len(begins) > MOST_WORDS:
        words, begins = words[: begins[MOST_WORDS]], begins[:MOST_WORDS]
    crc = 0
    up_to = [crc := crc32(word, crc) for word in words.replace(b" ", b"\n ").split(b"\n")]  # the first of them is empty
    if len(up_to) <= size:
        return np.empty(0, np.uint32)
    checksums = np.array(up_to, np.uint32)
    lengths = np.append(begins, len(words))[size:] - begins[: 1 - size] - 1
    with_space = _moved_by_one(checksums[:-size]) ^ np.uint32(crc32(b" "))
    return checksums[size:] ^ moved(with_space, lengths)


def moved(checksums: Hashes, lengths: Numbers) -> Hashes:
    """Return what becomes of each checksum by so many further bytes that are all zero."""
    while (too_long := lengths > MOST_BYTES).any():
        checksums = np.where(too_long, moved(checksums, np.full_like(lengths, MOST_BYTES)), checksums)
        lengths = np.where(too_long, lengths - MOST_BYTES, lengths)
    moves, row = _moves(), lengths << 10
    result = moves.take(row + (checksums & 255))
    for place in 1, 2, 3:
        result ^= moves.take(row + ((checksums >> 8 * place & 255) + 256 * place))
    return result


@functools.cache
def _moves() -> Hashes:
    """`moved` as a table: by number of bytes, place of a byte in the checksum, and that byte."""
    byte = np.arange(256, dtype=np.uint32)
    moves = [np.concatenate([byte << np.uint32(8 * place) for place in range(4)])]
    for _ in range(MOST_BYTES):
        moves.append(_moved_by_one(moves[-1]))
    return np.concatenate(moves)


def _moved_by_one(checksums: Hashes) -> Hashes:
    return _by_one().take(checksums & 255) ^ checksums >> np.uint32(8)


@functools.cache
def _by_one() -> Hashes:
    moves = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        moves = moves >> np.uint32(1) ^ (moves & np.uint32(1)) * np.uint32(POLYNOMIAL)
    return moves
