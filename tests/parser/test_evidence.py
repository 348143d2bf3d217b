"""The sums read from caches are the sums of the features that training names."""

from pathlib import Path

import pytest

from services.parser.context import Guide, context_names, judge_blocks
from services.parser.evidence import describe_blocks, score_blocks
from services.parser.features import read_weights
from services.parser.segments import outline_of
from services.parser.stretch import USUAL_SCORE, find_stretch, lifted, raised
from services.parser.title_element import find_title_element

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*/source.html"))


@pytest.mark.parametrize("page", GOLDEN, ids=lambda path: path.parent.name)
def test_scores_are_the_sums_of_named_features(page: Path) -> None:
    outline = outline_of(page.read_text("utf-8"))
    title = find_title_element(outline)
    weights = read_weights("body_weights.json")
    named = [sum(weights.get(name, 0.0) for name in names) for _, names in describe_blocks(outline, title)]
    assert [score for _, score in score_blocks(outline, title)] == pytest.approx(named)


@pytest.mark.parametrize("page", GOLDEN, ids=lambda path: path.parent.name)
def test_judgements_differ_from_named_features_by_one_lift_alone(page: Path) -> None:
    outline = outline_of(page.read_text("utf-8"))
    scored = lifted(score_blocks(outline, find_title_element(outline)))
    stretch = find_stretch(outline, scored, frozenset())
    if stretch is None:
        return
    weights = read_weights("context_weights.json")
    judged = judge_blocks(outline, scored, stretch, Guide())
    lifts = {
        round(judged[fact.element.index] - sum(weights.get(name, 0.0) for name in names), 6)
        for fact, names in context_names(outline, scored, stretch, Guide())
        if not fact.linked
    }
    assert len(lifts) == 1
    assert lifts.pop() >= 0


def test_a_lone_low_block_is_raised_to_a_usual_score() -> None:
    outline = outline_of("<h1>Title of it</h1><div>" + "Some words without any end " * 12 + "</div>")
    scored = score_blocks(outline, find_title_element(outline))
    low = [(fact, -1.0) for fact, _ in scored]
    assert max(score for _, score in raised(low, frozenset())) == pytest.approx(USUAL_SCORE)
