"""Options that several commands have, each with one name and one meaning."""

from datetime import datetime
from typing import Annotated

import typer

from cli.times import moment

Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="Rows at the most.")]
Since = Annotated[
    datetime | None,
    typer.Option(parser=moment, metavar="TIME", help="Only from this moment on: 2026-05-08, 2026-05-08T14:00, 6h, 2d."),
]
Until = Annotated[datetime | None, typer.Option(parser=moment, metavar="TIME", help="Only before this moment.")]
OfSource = Annotated[str | None, typer.Option("--source", help="Only this source's.")]
Language = Annotated[str | None, typer.Option(help="Only this language's (ISO 639-1, such as fr).")]
Host = Annotated[str | None, typer.Option(help="Only pages of this host and of those below it.")]
