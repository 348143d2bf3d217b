"""The features by which a block is judged in its place: their names, and the groups that sum up their weights.

The features are few and general on purpose. Each group pairs the sign that it is named after with the block's size, tag
or place, because the same sign means one thing on a long paragraph and another on a line of three words.
"""

from services.parser.body.features import Group, Weights, Words, read_weights


def _level(level: int, where: str, tag: str, size: int) -> list[str]:
    names = ["bias", f"level {level}", f"level {level} {where}", f"{where} {tag} {min(size, 6)}"]
    return [*names, f"size {tag} {size}"]


def _neighbours(before: int, level: int, after: int, inner: int, outer: int) -> list[str]:
    around = " ".join(str(max(-2, min(2, value))) for value in (before, after, level))
    return [f"before {before}", f"after {after}", f"siblings {inner} {outer}", f"around {around}"]


def _related(relation: str, where: str, tag: str) -> list[str]:
    return [f"relation {relation}", f"where {where} {relation}", f"relation {relation} {tag}"]


def _texture(linked: int, size: int, ending: str, place: int, where: str) -> list[str]:
    return [f"linked {linked} {min(size, 5)}", f"ending {ending} {min(size, 6)}", f"place {place} {where}"]


def _family(twin: int, kin: int, size: int) -> list[str]:
    return [f"twin {twin} {kin}", f"twin {twin} {min(size, 6)}", f"kin {kin} {min(size, 6)}"]


def _prose(number: int, where: str, tag: str, leadish: bool) -> list[str]:
    return [f"prose {number} {where} {tag}", f"prose {number} {where} {leadish}"]


def _surroundings(foreign: int, lead: bool, size: int, tag: str, where: str) -> list[str]:
    small = min(size, 6)
    return [
        f"foreign {foreign} {lead}",
        f"foreign {foreign} {small}",
        f"foreign {foreign} {tag}",
        f"foreign {foreign} {where}",
    ]


def _pictured(pictured: int, size: int, twin: int, ending: str, where: str) -> list[str]:
    small = min(size, 6)
    return [
        f"pictured {pictured}",
        f"pictured {pictured} {small}",
        f"pictured {pictured} {twin}",
        f"pictured {pictured} {ending} {small}",
        f"pictured {pictured} {where}",
    ]


def _among_prose(before: int, after: int, tag: str, size: int, linked: int) -> list[str]:
    small = min(size, 6)
    return [
        f"amid {before} {after}",
        f"after {after} {small}",
        f"amid {before} {after} {tag}",
        f"amid {before} {after} {small} {min(2, linked)}",
    ]


def _looks(spread: int, twin: int, size: int, tag: str) -> list[str]:
    return [f"spread {spread}", f"spread {spread} {min(size, 6)}", f"spread {spread} {twin}", f"spread {spread} {tag}"]


def _form(emphasis: str, start: str, words: int, ending: str, tag: str) -> list[str]:
    return [
        f"emphasis {emphasis} {words}",
        f"emphasis {emphasis} {ending}",
        f"start {start} {words}",
        f"form {tag} {words} {ending}",
        f"start {start} {ending}",
        f"emphasis {emphasis} {tag}",
    ]


def _leadish(where: str, size: int) -> list[str]:
    return [f"leadish {where}", f"leadish {where} {min(size, 6)}"]


def _described_alike(where: str, leadish: bool, size: int, place: int) -> list[str]:
    names = ["description", f"description {where}", f"description {leadish} {min(size, 6)}"]
    return [*names, f"description place {place}"]


def _titled(where: str) -> list[str]:
    return ["title", f"title {where}"]


def _guided(said: bool, size: int, twin: int, where: str) -> list[str]:
    return [f"guide {said} {min(size, 6)}", f"guide {said} {twin}", f"guide {said} {where}"]


_WEIGHTS = read_weights("context_weights.json")
WORDS, LINES = Words("word", _WEIGHTS), Words("line", _WEIGHTS)
LEVEL, NEIGHBOURS, RELATION, TEXTURE, FAMILY, PROSE = (
    Group(names, _WEIGHTS) for names in (_level, _neighbours, _related, _texture, _family, _prose)
)
SURROUNDINGS, AMONG, LOOKS, FORM, LEADISH, DESCRIPTION = (
    Group(names, _WEIGHTS) for names in (_surroundings, _among_prose, _looks, _form, _leadish, _described_alike)
)
TITLE, GUIDE, PICTURED = (Group(names, _WEIGHTS) for names in (_titled, _guided, _pictured))


def use_weights(weights: Weights) -> None:
    """Judge by other weights than the shipped ones (for cross-validation)."""
    WORDS.use(weights)
    LINES.use(weights)
    for value in globals().values():
        if isinstance(value, Group):
            value.use(weights)
