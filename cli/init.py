"""`depeche init`: the files that a new installation begins with, every setting and every key of a source explained."""

import os
import re
from pathlib import Path
from typing import Annotated

import typer

from cli.output import print_line
from shared.failures import UserError

# The same files that whoever has the repository may copy by hand.
EXAMPLES = Path(__file__).parents[1]
SETTINGS_EXAMPLE, SOURCES_EXAMPLE = ".env.example", "sources.example.toml"
SETTINGS_FILE, SOURCES_FILE = ".env", "sources.toml"
ADDRESS = re.compile(r"(?:https?://|mailto:)\S+")


def init(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where to; made if it is not there.")] = Path(),
    contact: Annotated[
        str | None, typer.Option(help="Page or mailto: address that tells publishers who runs this crawler.")
    ] = None,
) -> None:
    """Write a commented .env and sources.toml to begin with; a file that is there stays as it is.

    Both only explain until you uncomment something. The commands read .env in the folder that they are started in.

        depeche init news --contact mailto:desk@paper.example
    """
    settings, sources = _settings(contact), _sources()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [_write(folder / SETTINGS_FILE, settings, 0o600), _write(folder / SOURCES_FILE, sources, 0o644)]
    except FileExistsError as error:
        raise UserError(f"{folder} is a file: name a folder, which is made if it is not there.") from error
    except OSError as error:
        raise UserError(f"Cannot write in {folder}: {error.strerror}.") from error
    if contact is not None and not written[0]:
        raise UserError(f"{folder / SETTINGS_FILE} is there already: set DEPECHE_CONTACT_URL in it yourself.")
    print_line("Next:")
    if folder.resolve() != Path.cwd():
        print_line(f"  cd {folder}")
    print_line(f"  depeche sources discover URL --write {SOURCES_FILE}   # what a site has; or edit the file")
    print_line("  depeche doctor                                     # is all as it should be?")
    print_line("  depeche up                                         # everything, until Ctrl-C")


def _settings(contact: str | None) -> str:
    """Return the text of .env: all defaults in comments, and the sources file set."""
    if contact is not None and not (contact.isprintable() and ADDRESS.fullmatch(contact)):
        raise UserError(f"{contact!r} is no address: write https://paper.example/bot or mailto:desk@paper.example.")
    text = _example(SETTINGS_EXAMPLE).replace("Copy to .env, uncomment what you change.", "Uncomment what you change.")
    wanted = {"SOURCES": SOURCES_FILE} | ({"CONTACT_URL": contact} if contact else {})
    for name, value in wanted.items():
        text = text.replace(f"#DEPECHE_{name}=\n", f"DEPECHE_{name}={value}\n")
    return text


def _sources() -> str:
    """Return the text of sources.toml, with the examples in comments."""
    text = _example(SOURCES_EXAMPLE).replace("Copy to sources.toml, then:", "To begin:")
    return "".join(line if not line.strip() or line.startswith("#") else f"# {line}" for line in text.splitlines(True))


def _example(name: str) -> str:
    try:
        return (EXAMPLES / name).read_text("utf-8")
    except OSError as error:
        raise UserError(f"{EXAMPLES / name} is missing from this installation: {error.strerror}.") from error


def _write(path: Path, text: str, mode: int) -> bool:
    """Write the file unless it is there, for its owner alone if it may get passwords; return whether it was written."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        print_line(f"{path} is there already, and stays as it is")
        return False
    print_line(f"{path} written")
    return True
