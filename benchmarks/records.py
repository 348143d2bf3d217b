"""What does a parse result cost as msgspec structs, and what in pydantic? Building, encoding and decoding are timed.

  python -m benchmarks.records

gives the figures of docs/decisions/0001-msgspec-records.md. The pydantic models are made from the structs field by
field, so that both hold the same data. The two alternate, and the medians of many rounds are printed.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict, create_model

from benchmarks.report import setting, table
from shared.parsed_page import Article, Block, FeedLink, Headline, Image, ParsedPage

ROUNDS = 31
REPEATS = 20  # a round, so that it is some milliseconds long
HEADLINES, BLOCKS, BLOCK_CHARS = 100, 40, 300


def pydantic_twin(struct: type[msgspec.Struct], **nested: Any) -> type[BaseModel]:
    """A frozen pydantic model with the struct's fields; `nested` names those that hold other records."""
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        if field.default is msgspec.UNSET:  # msgspec leaves it out of the JSON, and pydantic has no such value
            continue
        default = ... if field.required else field.default
        if field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        fields[field.name] = (nested.get(field.name, field.type), default)
    return create_model(struct.__name__, __config__=ConfigDict(frozen=True), **fields)


BlockTwin = pydantic_twin(Block)
HeadlineTwin = pydantic_twin(Headline)
ArticleTwin = pydantic_twin(Article, blocks=list[BlockTwin], images=list[pydantic_twin(Image)])  # type: ignore[valid-type, misc]
PageTwin = pydantic_twin(
    ParsedPage,
    article=ArticleTwin | None,
    headlines=list[HeadlineTwin],  # type: ignore[valid-type]
    feeds=list[pydantic_twin(FeedLink)],  # type: ignore[misc]
)

Make = Callable[..., Any]


def build(page: Make, article: Make, block: Make, headline: Make) -> Any:
    """A typical parse result."""
    text = "The night ferry carries freight again, and the council has voted. " * 10
    blocks = [block(type="paragraph", text=text[:BLOCK_CHARS]) for _ in range(BLOCKS)]
    return page(
        url="https://press.example/harrowmere/night-ferry.html",
        page_type="article",
        language="en",
        parser_version="1",
        article=article(
            title="Night ferry to carry freight",
            lead=text[:200],
            authors=["Ada Merrow", "Tom Lindell"],
            published_at="2025-05-08T07:12:30+02:00",
            blocks=blocks,
            text="\n".join([text[:BLOCK_CHARS]] * BLOCKS),
        ),
        headlines=[
            headline(
                kind="latest",
                label="Latest news",
                position=number,
                text=f"Headline {number}: the council of Eastmoor votes on the tram",
                url=f"https://press.example/eastmoor/{number}.html",
                language="en",
            )
            for number in range(1, HEADLINES + 1)
        ],
    )


def steps() -> dict[str, dict[str, Callable[[], object]]]:
    """What is timed, by library and step."""
    struct = build(ParsedPage, Article, Block, Headline)
    model = build(PageTwin, ArticleTwin, BlockTwin, HeadlineTwin)
    wire = msgspec.json.encode(struct)
    if msgspec.json.decode(model.model_dump_json(), type=ParsedPage) != struct:
        raise AssertionError("the two records differ")
    decoder = msgspec.json.Decoder(ParsedPage)
    return {
        "msgspec": {
            "build": lambda: build(ParsedPage, Article, Block, Headline),
            "encode": lambda: msgspec.json.encode(struct),
            "decode": lambda: decoder.decode(wire),
        },
        "pydantic": {
            "build": lambda: build(PageTwin, ArticleTwin, BlockTwin, HeadlineTwin),
            "encode": lambda: model.model_dump_json().encode(),
            "decode": lambda: PageTwin.model_validate_json(wire),
        },
    }


def main() -> None:
    """Time and print."""
    spent: dict[tuple[str, str], list[float]] = {}
    todo = steps()
    for _ in range(ROUNDS):
        for library, its_steps in todo.items():
            for step, run in its_steps.items():
                start = time.process_time()
                for _ in range(REPEATS):
                    run()
                spent.setdefault((library, step), []).append(1e6 * (time.process_time() - start) / REPEATS)
    rows: list[dict[str, object]] = []
    for step in ("build", "encode", "decode"):
        ours, theirs = median(spent["msgspec", step]), median(spent["pydantic", step])
        rows.append({"µs a parse result": step, "msgspec": ours, "pydantic": theirs, "ratio": theirs / ours})
    print(setting("msgspec", "pydantic"))
    print(f"{HEADLINES} headlines, {BLOCKS} blocks of {BLOCK_CHARS} characters; medians of {ROUNDS} rounds.\n")
    print(table(rows))


if __name__ == "__main__":
    main()
