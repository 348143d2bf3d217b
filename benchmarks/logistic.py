"""Logistic regression over named features, by AdaGrad in small batches; the same rows give the same weights.

Pages of one publisher are alike, so two rules keep a model from learning publishers by heart: a feature counts only if
several publishers have it, and the penalty on weights is high. Cross-validated over publishers, 60 times the penalty
that is best on pages already seen costs nothing in F1, and half as many pages again become wholly clean.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

EPOCHS, AVERAGED, BATCH, RATE = 8, 3, 128, 0.3
# Weights below this are left out; two decimals are as good as more.
LEAST_WEIGHT = 0.01

# All that decides what is learned from the same rows.
SETTINGS = (EPOCHS, AVERAGED, BATCH, RATE, LEAST_WEIGHT)

Weights = dict[str, float]
Array = np.ndarray[Any, Any]


class Row(msgspec.Struct, frozen=True):
    """One block: its features, whether it is article text, how much it counts, and whose page it is on."""

    names: list[str]
    label: bool
    weight: float
    publisher: str


def train(rows: Sequence[Row], penalty: float, least_publishers: Callable[[str], int]) -> Weights:
    """The weights of all features that enough publishers have."""
    known = {name: number for number, name in enumerate(_names(rows, least_publishers))}
    features, starts = _flattened(rows, known)
    sizes = np.diff(starts)
    labels = np.array([row.label for row in rows], float)
    counts = np.array([row.weight for row in rows])
    counts /= counts.mean()
    weights, seen, average = np.zeros(len(known)), np.full(len(known), 1e-3), np.zeros(len(known))
    chance = np.random.default_rng(1)
    for epoch in range(EPOCHS):
        order = chance.permutation(len(rows))
        for at in range(0, len(rows), BATCH):
            batch = order[at : at + BATCH]
            found, row_of = _of_batch(batch, features, starts, sizes)
            score = np.bincount(row_of, weights[found], len(batch))
            error = (1 / (1 + np.exp(-np.clip(score, -30, 30))) - labels[batch]) * counts[batch]
            touched, place = np.unique(found, return_inverse=True)
            step = np.bincount(place, error[row_of]) + penalty * len(batch) * weights[touched]
            seen[touched] += step * step
            weights[touched] -= RATE * step / np.sqrt(seen[touched])
        if epoch >= EPOCHS - AVERAGED:
            average += weights / AVERAGED
    return {name: round(float(average[n]), 2) for name, n in known.items() if abs(average[n]) >= LEAST_WEIGHT}


def _names(rows: Sequence[Row], least_publishers: Callable[[str], int]) -> list[str]:
    users: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        for name in row.names:
            users[name].add(row.publisher)
    return [name for name, who in users.items() if len(who) >= least_publishers(name)]


def _flattened(rows: Sequence[Row], known: dict[str, int]) -> tuple[Array, Array]:
    """The numbers of all rows' features one after another, and where each row's begin."""
    numbers: list[int] = []
    starts = [0]
    for row in rows:
        numbers += [known[name] for name in row.names if name in known]
        starts.append(len(numbers))
    return np.array(numbers), np.array(starts)


def _of_batch(batch: Array, features: Array, starts: Array, sizes: Array) -> tuple[Array, Array]:
    """The features of a batch's rows, and for each the number of its row in the batch."""
    lengths = sizes[batch]
    row_of = np.repeat(np.arange(len(batch)), lengths)
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return features[starts[batch][row_of] + within], row_of
