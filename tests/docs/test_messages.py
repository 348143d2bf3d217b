"""Every kind of message and every field is named in docs/messages.md."""

import re
from pathlib import Path

import msgspec
import pytest

from shared import messages, parsed_page

DOCUMENT = (Path(__file__).parents[2] / "docs" / "messages.md").read_text("utf-8")
NAMED = set(re.findall(r"[\w.]+", DOCUMENT))
RECORDS = (messages.FetchPage, messages.PageFetched, messages.PageParsed, messages.PageDropped)
PARTS = (messages.Origin, messages.Answer, messages.Visit, messages.FailedAttempt, messages.Validators)
SHAPES = (
    messages.FetchPages,
    messages.Follow,
    *PARTS,
    parsed_page.ParsedPage,
    parsed_page.Article,
    parsed_page.Headline,
)


@pytest.mark.parametrize("record", RECORDS)
def test_the_kind_is_documented(record: type[msgspec.Struct]) -> None:
    assert record.__struct_config__.tag in NAMED


@pytest.mark.parametrize("shape", [*RECORDS, *SHAPES, parsed_page.Block, parsed_page.Image, parsed_page.FeedFaults])
def test_each_field_is_documented(shape: type[msgspec.Struct]) -> None:
    missing = {field.encode_name for field in msgspec.structs.fields(shape)} - NAMED
    assert not missing, f"{shape.__name__} has fields that docs/messages.md does not name"


@pytest.mark.parametrize("task", [messages.DOOR_TASK, *messages.TASKS.values()])
def test_each_task_is_documented(task: str) -> None:
    assert task in NAMED
