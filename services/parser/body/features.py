"""Features with learned weights: named for training, added up from caches when a page is read.

A group makes the names of a few features from a few small values. Pages give the same values again and again, so a
group remembers the sum of its weights by these values, and no name is spelled out while parsing.
"""

import re
from collections.abc import Callable
from importlib.resources import files
from itertools import repeat
from math import fsum
from typing import Any

import msgspec

# How many combinations of values a group remembers; each takes a few hundred bytes.
REMEMBERED = 16384
# How many hints are remembered: class attributes vary more than values, and each site has its own.
REMEMBERED_HINTS = 65536

Weights = dict[str, float]
Values = tuple[Any, ...]
_WORD = re.compile(r"[a-z]{2,}")


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """The weights that `benchmarks/train_body.py` wrote; `recipe` is a hash of the features and settings used."""

    recipe: str
    weights: Weights


def read_trained(name: str) -> Trained:
    """Returns the content of one of the two files of weights."""
    return msgspec.json.decode(files("services.parser.body").joinpath(name).read_bytes(), type=Trained)


def read_weights(name: str) -> Weights:
    """Returns the weights in one of the two files."""
    return read_trained(name).weights


class Group(dict[Values, float]):
    """Features that depend on the same values: `group[values]` is the sum of their weights, `names` spells them out.

    The dict fills itself, because a page asks hundreds of times, and a cached call takes twice as long.
    """

    def __init__(self, names: Callable[..., list[str]], weights: Weights) -> None:
        super().__init__()
        self.names = names
        self.use(weights)

    def use(self, weights: Weights) -> None:
        """Go by these weights from now on."""
        self._weights = weights
        self.clear()

    def __missing__(self, values: Values) -> float:
        if len(self) >= REMEMBERED:
            self.clear()
        weight = self[values] = float(sum(map(self._weights.get, self.names(*values), repeat(0.0))))
        return weight


Grouped = list[tuple[Group, Values]]


class Words:
    """Features called "<prefix> <word>", one for each word of a text."""

    def __init__(self, prefix: str, weights: Weights) -> None:
        self.prefix = prefix
        self.use(weights)

    def use(self, weights: Weights) -> None:
        """Go by these weights from now on."""
        start = f"{self.prefix} "
        self.known = {name.removeprefix(start): value for name, value in weights.items() if name.startswith(start)}

    def weight(self, words: set[str]) -> float:
        """Returns the sum of the words' weights."""
        # fsum is exact, so the order of a set, which differs between processes, does not change the sum.
        return fsum(self.known[word] for word in words & self.known.keys())


class HintWeights(dict[tuple[str, str], tuple[float, float, float]]):
    """Maps tag and hint to three weights: of the block itself, of its parent or grandparent, of any element around."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.use(weights)

    def use(self, weights: Weights) -> None:
        """Go by these weights from now on."""
        self._tags = {tag: self._three(weights, f"<{tag}>") for tag in _words_after(weights, "<")}
        self._words = {word: self._three(weights, word) for word in _words_after(weights, "")}
        self.clear()

    def __missing__(self, tag_and_hint: tuple[str, str]) -> tuple[float, float, float]:
        tag, hint = tag_and_hint
        own, near, far = self._tags.get(tag, (0.0, 0.0, 0.0))
        words = self._words
        for word in dict.fromkeys(_WORD.findall(hint)):
            weights = words.get(word)
            if weights is not None:
                own += weights[0]
                near += weights[1]
                far += weights[2]
        if len(self) >= REMEMBERED_HINTS:
            self.clear()
        self[tag_and_hint] = own, near, far
        return own, near, far

    @staticmethod
    def _three(weights: Weights, word: str) -> tuple[float, float, float]:
        return weights.get(f"own {word}", 0.0), weights.get(f"near {word}", 0.0), weights.get(f"far {word}", 0.0)


def hint_names(place: str, tag: str, hint: str) -> list[str]:
    """The names behind HintWeights; `place` is own, near or far."""
    return [f"{place} <{tag}>", *(f"{place} {word}" for word in sorted(set(_WORD.findall(hint))))]


def _words_after(weights: Weights, mark: str) -> set[str]:
    found: set[str] = set()
    for place in ("own ", "near ", "far "):
        for name in weights:
            if name.startswith(place + mark):
                found.add(name[len(place) :].strip("<>"))
    return found
