"""Fingerprints, by which a text is recognised though it was cut, padded or given another lead. Pure: texts to numbers.

A text is taken as the set of its shingles: runs of a few words, each as a hash. Its keys are its lowest hashes: a
MinHash sketch by one hash function ("bottom-k"). Two texts that share part of their shingles share about as large a
part of their keys, so a few rows of an index lead to every candidate, also to one that is much shorter. Whether a
candidate is a copy is then decided on the whole sets. docs/decisions/0008-stories.md compares this with banded MinHash.
"""

import re
import zlib

import msgspec

WORDS_A_SHINGLE, CHARACTERS_A_SHINGLE = 5, 12
KEYS = 16
# How many words from the beginning of a text count, so that no text takes longer than some milliseconds.
MOST_WORDS = 5_000

# Scripts that write no spaces between words count by characters.
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff"
WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """A text's shingles, as hashes: in their order (`runs`), as a set, and the lowest of them (`keys`)."""

    runs: list[int]
    shingles: frozenset[int]
    keys: list[int]


def fingerprint_of(text: str) -> Fingerprint:
    """Return a text's fingerprint. Case, punctuation, spaces and line breaks make no difference."""
    words = WORD.findall(text.casefold()[: MOST_WORDS * 10])[:MOST_WORDS]
    of_characters = sum(len(word) == 1 and word >= "\u0e00" for word in words) > len(words) / 2
    size = CHARACTERS_A_SHINGLE if of_characters else WORDS_A_SHINGLE
    # A checksum serves as the hash: it never changes, is computed in C, and costs a third of a cryptographic one. Two
    # runs in four thousand million share a hash, which does not matter to shares of hundreds of shingles.
    texts = map(" ".join, zip(*(words[start:] for start in range(size)), strict=False))
    runs = [zlib.crc32(run.encode("utf-8", "replace")) for run in texts]
    shingles = frozenset(runs)
    return Fingerprint(runs=runs, shingles=shingles, keys=sorted(shingles)[:KEYS])
