"""What the head says, word for word, each with the key that says it.

A list of claims stands in order of trust: the first is taken, the others are passed over.
"""

import msgspec


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """`key` is a key of a JSON-LD node, or the name of a meta element in lower case."""

    key: str
    value: str


class PassedOver(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was said and not believed. `said_by` names its place on the page in words."""

    said_by: str
    value: str
    why: str


def first_value(*lists: list[Claim]) -> str | None:
    """What the first claim of the first list with a claim says."""
    return next((claim.value for claims in lists for claim in claims), None)


def values_of(claims: list[Claim]) -> list[str]:
    """What the claims say, without their keys."""
    return [claim.value for claim in claims]
