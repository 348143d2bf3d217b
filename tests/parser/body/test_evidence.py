"""The sums read from caches are the sums of the features that training names."""

from math import inf
from pathlib import Path

import pytest

from services.parser.body import context
from services.parser.body.context import Guide, context_names, judge_blocks
from services.parser.body.evidence import describe_blocks, score_blocks
from services.parser.body.features import read_weights
from services.parser.body.stretch import USUAL_SCORE, Scored, Stretch, find_stretch, lifted, raised
from services.parser.outline.outline import Outline, outline_of
from services.parser.outline.title_element import find_title_element

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*/source.html"))


@pytest.mark.parametrize("page", GOLDEN, ids=lambda path: path.parent.name)
def test_scores_are_the_sums_of_named_features(page: Path) -> None:
    outline = outline_of(page.read_text("utf-8"))
    title = find_title_element(outline)
    weights = read_weights("body_weights.json")
    named = [sum(weights.get(name, 0.0) for name in names) for _, names in describe_blocks(outline, title)]
    assert [score for _, score in score_blocks(outline, title)] == pytest.approx(named)


@pytest.mark.parametrize("page", GOLDEN, ids=lambda path: path.parent.name)
def test_judgements_differ_from_named_features_by_one_lift_alone(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context, "DOUBTFUL", inf)
    outline = outline_of(page.read_text("utf-8"))
    scored, stretch = _looked_at(outline)
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


@pytest.mark.parametrize("page", GOLDEN, ids=lambda path: path.parent.name)
def test_what_is_not_read_would_change_no_verdict(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outline = outline_of(page.read_text("utf-8"))
    scored, stretch = _looked_at(outline)
    if stretch is None:
        return
    quick = judge_blocks(outline, scored, stretch, Guide())
    monkeypatch.setattr(context, "DOUBTFUL", inf)
    thorough = judge_blocks(outline, scored, stretch, Guide())
    assert {index for index, score in quick.items() if score > 0} == {
        index for index, score in thorough.items() if score > 0
    }
    assert quick != thorough  # some blocks leave so little doubt that their words are not read


def _looked_at(outline: Outline) -> tuple[Scored, Stretch | None]:
    scored = lifted(score_blocks(outline, find_title_element(outline)))
    return scored, find_stretch(outline, scored, frozenset())


def test_a_lone_low_block_is_raised_to_a_usual_score() -> None:
    outline = outline_of("<h1>Title of it</h1><div>" + "Some words without any end " * 12 + "</div>")
    scored = score_blocks(outline, find_title_element(outline))
    low = [(fact, -1.0) for fact, _ in scored]
    assert max(score for _, score in raised(low, frozenset())) == pytest.approx(USUAL_SCORE)
