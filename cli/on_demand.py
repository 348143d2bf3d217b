"""Commands that are imported when they are asked for: all of them would take seconds of CPU before any could begin."""

import importlib
from collections.abc import Mapping
from typing import Any

import msgspec
import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


class Later(msgspec.Struct, frozen=True):
    """Where a command stands, as `module:name`, and the first sentence of its help, to list it by."""

    where: str
    summary: str


class OnDemand(TyperGroup):
    """The command with those below it, which are stubs with a summary until they are asked for.

    It says of a mistyped value what is wrong with it in its own words, and not in pydantic's.
    """

    later: Mapping[str, Later] = {}

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands.update({name: TyperCommand(name, help=of.summary) for name, of in self.later.items()})

    def load(self, name: str) -> Any:
        """Returns the command itself."""
        if isinstance(stub := self.commands[name], TyperGroup) or stub.callback is not None:
            return stub
        module, _, attribute = self.later[name].where.partition(":")
        self.commands[name] = command = _made(name, getattr(importlib.import_module(module), attribute))
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Load the command that is asked for, to run it, to show its help, or to complete its options."""
        name, stub, rest = super().resolve_command(ctx, args)
        return name, stub if name is None else self.load(name), rest

    def invoke(self, ctx: Any) -> Any:
        """Run the command that is asked for."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as mistake:
            if said := _in_plain_words(mistake):
                mistake.message = said
            raise


def _in_plain_words(mistake: typer.BadParameter) -> str | None:
    """Returns what pydantic has found wrong with a value; None where it was not pydantic that found it."""
    from pydantic import ValidationError  # noqa: PLC0415 - only a mistake needs it

    from shared.wrong_values import wrong_values  # noqa: PLC0415

    if not isinstance(mistake.__cause__, ValidationError):
        return None
    found = wrong_values(mistake.__cause__).items()
    return "; ".join(what if value in what else f"{value}: {what}" for (_, value), what in found)


def _made(name: str, of: Any) -> Any:
    """Returns the command of a function, or of a Typer application with several."""
    parent = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode="markdown")
    if isinstance(of, typer.Typer):
        parent.add_typer(of, name=name)
    else:
        parent.command(name)(of)
    return get_group(parent).commands[name]
