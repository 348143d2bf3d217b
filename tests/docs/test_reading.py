"""docs/reading.md says of every view, column and function what the database's own comments say."""

import re

import psycopg

from tests.support.reading_reference import DOCUMENT, reference


def test_every_view_column_and_function_has_a_comment(database: psycopg.Connection) -> None:
    text = reference(database)
    assert not re.findall(r"^.*\|  \|$", text, re.MULTILINE)
    assert not re.findall(r"^### (\S+)\n\n\n", text, re.MULTILINE)
    assert not re.findall(r"^.*gives `[^`]*`\. $", text, re.MULTILINE)


def test_the_document_has_what_the_database_says(database: psycopg.Connection) -> None:
    written = re.search(r"<!-- reference -->\n(.*)\n<!-- /reference -->", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert written, f"{DOCUMENT.name} has no reference"
    assert written[1] == reference(database), "run python -m tests.support.reading_reference"
