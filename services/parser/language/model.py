"""py3langid's model, mapped into memory from files that all parsers of a machine share.

The library unpacks its model at each start: half a second, and 73 MB of memory for each parser. So it is unpacked once,
into a folder of `$XDG_CACHE_HOME/depeche` (by default `~/.cache/depeche`), and its arrays are mapped from there: they
take memory only where they are read, and that once for all processes. Images bring the folder along. Where it can
neither be read nor written, each parser unpacks the model as the library does it.

  python -m services.parser.language.model    unpacks the model now
"""

import os
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import structlog
from numpy.lib.format import open_memmap
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from shared.failures import UserError
from shared.service import exit_status

log = structlog.get_logger()

# Part of the folder's name, beside all else on which the files depend; raised when they are laid out in another way.
LAYOUT = 1


class Arrays(msgspec.Struct, frozen=True, kw_only=True):
    """What an identifier is made of, each in the file of that name."""

    weights: Any  # of each feature for each language
    priors: Any  # of each language
    languages: Any
    moves: Any  # of the automaton, from a row by a byte to a state
    offsets: Any  # in the moves, of each state's row
    outputs: Any  # the feature that is found in a state, or -1


def load_identifier() -> Any:
    """Returns py3langid's identifier, which gives probabilities; fills the cache if it is not filled yet."""
    folder = cache_folder()
    try:
        return identifier_of(mapped(folder))
    except (OSError, ValueError):  # it is not there, or not whole
        unpacked = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    try:
        write(arrays_of(unpacked), folder)
        return identifier_of(mapped(folder))
    except OSError as error:
        log.info("language_model_not_shared", folder=str(folder), problem=str(error))
        return unpacked


def cache_folder() -> Path:
    """Returns the folder for the arrays of this version of the library."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - a user without a home
    return Path(base) / "depeche" / f"py3langid-{version('py3langid')}-{sys.byteorder}-{LAYOUT}"


def mapped(folder: Path) -> Arrays:
    """Returns the arrays of a folder; raises OSError if one is not there, and ValueError if one is not whole."""
    files = {name: folder / f"{name}.npy" for name in Arrays.__struct_fields__}
    return Arrays(**{name: np.asarray(open_memmap(file, mode="r")) for name, file in files.items()})


def identifier_of(arrays: Arrays) -> Any:
    """Returns an identifier of these arrays.

    It looks up single moves, offsets and outputs. A memoryview gives them as Python's own numbers, as fast as a list
    does that takes 4 MB of each process.
    """
    moves, outputs = memoryview(arrays.moves), memoryview(arrays.outputs)
    languages = arrays.languages.tolist()
    found = LanguageIdentifier(arrays.weights, arrays.priors, languages, moves, outputs, norm_probs=True, tk_row=())
    found._rowbase = memoryview(arrays.offsets)  # by itself, it makes a list of them
    return found


def arrays_of(identifier: Any) -> Arrays:
    """Returns the arrays of an identifier that the library has unpacked."""
    return Arrays(
        weights=identifier.nb_ptc,
        priors=identifier.nb_pc,
        languages=np.asarray(identifier.nb_classes),
        moves=np.asarray(identifier.tk_nextmove),
        offsets=np.asarray(identifier._rowbase, dtype=np.uint32),  # as above
        outputs=np.asarray(identifier.tk_output, dtype=np.int32),
    )


def write(arrays: Arrays, folder: Path) -> None:
    """Write each array into its file of the folder; raises OSError where that cannot be.

    A file gets its name once it is whole, so that others may read, and write the same, at the same time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in Arrays.__struct_fields__:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{name}-", delete=False) as file:
            try:
                np.save(file, getattr(arrays, name), allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).chmod(0o644)
                Path(file.name).replace(folder / f"{name}.npy")
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise


def main() -> None:
    """Fill the cache; raises UserError if that cannot be."""
    load_identifier()
    try:
        mapped(cache_folder())
    except (OSError, ValueError) as error:
        raise UserError(f"The language model cannot be kept in {cache_folder()}: {error}.") from error


if __name__ == "__main__":
    sys.exit(exit_status("language model", main))
