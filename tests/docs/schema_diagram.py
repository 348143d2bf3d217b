"""The diagram of docs/schema.md: the views of schema news, their keys, and what they are joined by.

Views, columns, types and most relations come from the database: a column that has the name of another view's key refers
to it. What the database does not know is said here, and tests/docs/test_schema.py tries it on rows.
"""

from pathlib import Path

import msgspec
import psycopg

from tests.docs.news_schema import COLUMNS, VIEWS

DOCUMENT = Path(__file__).parents[2] / "docs" / "schema.md"

# What tells a row of each view from all others.
KEYS = {
    "article_versions": ("article_id", "version"),
    "articles": ("article_id",),
    "background_work": ("work",),
    "changes": ("change_id",),
    "headline_positions": ("headline_id", "from_at"),
    "headline_wordings": ("headline_id", "from_at"),
    "headlines": ("headline_id",),
    "pages": ("page_id",),
    "quarantine": ("quarantine_id",),
    "source_coverage": ("source", "channel"),
    "source_falls": ("source", "field", "fell_at"),
    "source_health": ("source", "field"),
    "sources": ("name",),
    "stories": ("story_id",),
    "visits": ("flight_id", "at"),
}
# What is shown beside the keys and what refers to them; of a view that is missing here, all columns are.
TELLING = {
    "article_versions": ("title", "body", "similarity", "substantive", "seen_at", "replaced_at"),
    "articles": (
        *("url", "source", "title", "authors", "language", "published_at", "body", "blocks", "images"),
        *("version", "first_seen_at", "last_seen_at", "withdrawn_at"),
    ),
    "changes": ("cursor", "kind", "version", "recorded_at"),
    "headline_positions": ("kind", "label", "position", "last_seen_at", "to_at"),
    "headline_wordings": ("text", "to_at"),
    "headlines": ("kind", "label", "position", "text", "url", "first_seen_at", "gone_at"),
    "pages": ("url_key", "url", "source", "page_type", "fate", "reason", "flight_id", "landed_at"),
    "quarantine": ("flight_id", "url", "stage", "reason", "traceback"),
    "source_coverage": ("stories", "first", "only_there", "head_start"),
    "source_health": ("value_now", "value_past", "fell", "coverage"),
    "sources": ("url", "site", "kind", "tags", "last_visited_at"),
    "stories": ("articles", "publishers", "first_seen_at"),
    "visits": ("fate", "reason", "http_status", "archive"),
}
# By another name than the key's, or a key that is not the whole: view and column, and what they refer to.
ALSO = {
    ("articles", "source"): ("sources", "name"),
    ("source_coverage", "source"): ("sources", "name"),
    ("visits", "flight_id"): ("quarantine", "flight_id"),
}
# These may be NULL, or name a row that is not there.
OPTIONAL = {("articles", "source"), ("headlines", "article_id"), ("visits", "article_id"), ("visits", "flight_id")}
# Only one row refers to the same one.
ONE_EACH = {("stories", "article_id"), ("visits", "flight_id")}

SHORT = {"timestamp with time zone": "timestamptz", "double precision": "float8"}


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """A column of one view that names a row of another."""

    view: str
    column: str
    to: str
    to_column: str

    @property
    def optional(self) -> bool:
        """Whether there are rows that name none."""
        return (self.view, self.column) in OPTIONAL

    @property
    def one_each(self) -> bool:
        """Whether no two rows name the same one."""
        return (self.view, self.column) in ONE_EACH


def views(database: psycopg.Connection) -> dict[str, dict[str, str]]:
    """Each view of schema news with its columns and their types."""
    return {
        view: {name: kind for name, kind, _ in database.execute(COLUMNS, [view]).fetchall()}
        for view, _ in database.execute(VIEWS).fetchall()
    }


def relations(of: dict[str, dict[str, str]]) -> list[Relation]:
    """What the views are joined by."""
    keyed = {key[0]: view for view, key in KEYS.items() if len(key) == 1}
    found = [(view, column, keyed[column], column) for view in of for column in of[view] if column in keyed]
    found += [(view, column, *there) for (view, column), there in ALSO.items()]
    return [
        Relation(view=view, column=column, to=to, to_column=to_column)
        for view, column, to, to_column in found
        if view != to
    ]


def diagram(database: psycopg.Connection) -> str:
    """The diagram in Mermaid's language, fenced."""
    of = views(database)
    related = relations(of)
    lines = ["erDiagram"]
    for relation in related:
        ends = f"{'|o' if relation.optional else '||'}--{'o|' if relation.one_each else 'o{'}"
        lines.append(f'    {relation.to} {ends} {relation.view} : "{relation.column}"')
    for view, columns in of.items():
        refer = {relation.column for relation in related if relation.view == view}
        shown = {*KEYS.get(view, ()), *refer, *TELLING.get(view, columns)}
        lines += [
            f"    {view} {{",
            *(_attribute(view, name, columns[name], refer) for name in columns if name in shown),
            "    }",
        ]
    return "\n".join(["```mermaid", *lines, "```"])


def _attribute(view: str, name: str, kind: str, refer: set[str]) -> str:
    marks = ["PK"] * (name in KEYS.get(view, ())) + ["FK"] * (name in refer)
    return f"        {SHORT.get(kind, kind).replace(' ', '_')} {name} {', '.join(marks)}".rstrip()
