"""Runs a corpus' own evaluate.py, which holds the metrics and runs the peers; this module scores nothing itself."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import msgspec

from shared.failures import UserError

# The peers of evaluate.py that are run by default, and the modules that each needs.
PEERS = {
    "trafilatura": ("trafilatura",),
    "resiliparse": ("resiliparse",),
    "readability-lxml": ("readability", "html_text"),
    "newspaper4k": ("newspaper",),
}


Metrics = Literal["articles", "tickers"]


class LabelledSet(msgspec.Struct, frozen=True, kw_only=True):
    """A folder of pages with ground truth, and how it is scored."""

    name: str
    folder: Path
    how: Metrics


class Corpus:
    """A folder with evaluate.py, `articles/<set>/gold.json` and `ticker/labels.json`, each beside its `pages/`."""

    def __init__(self, folder: Path) -> None:
        self.evaluate = folder / "evaluate.py"
        articles = sorted(gold.parent for gold in folder.glob("articles/*/gold.json"))
        tickers = sorted(labels.parent for labels in folder.glob("ticker*/labels.json"))
        self.sets = [LabelledSet(name=path.name, folder=path, how="articles") for path in articles]
        self.sets += [LabelledSet(name=path.name, folder=path, how="tickers") for path in tickers]
        if not self.evaluate.is_file() or not self.sets:
            raise UserError(
                f"{folder} is no corpus: it needs evaluate.py, and articles/<set>/gold.json or ticker/labels.json."
            )

    def choose(self, names: list[str]) -> list[LabelledSet]:
        """The sets of these names, all without any; UserError for a name that there is not."""
        known = {labelled.name: labelled for labelled in self.sets}
        wrong = [name for name in names if name not in known]
        if wrong:
            raise UserError(f"The corpus has no set {wrong[0]!r}; it has {', '.join(known)}.")
        return [known[name] for name in names] if names else self.sets

    def manifest(self, labelled: LabelledSet) -> str:
        """What `depeche parse --manifest` reads."""
        return self._run("manifest", str(labelled.folder))

    def ours(self, labelled: LabelledSet, scratch: Path) -> Path:
        """The results of `depeche parse`, as a file in `scratch`."""
        manifest = scratch / "manifest.jsonl"
        entries = self.manifest(labelled)
        manifest.write_text(entries, "utf-8")
        command = [sys.executable, "-m", "cli.main", "parse", "--manifest", str(manifest)]
        done = subprocess.run(command, capture_output=True, check=False)
        # Status 1 may mean that some pages could not be parsed: those have a line each, and are scored so.
        if done.returncode not in (0, 1) or done.stdout.count(b"\n") != entries.count("\n"):
            raise UserError(f"`depeche parse` failed on {labelled.name}:\n{_end(done.stderr)}")
        return _kept(scratch / "ours.jsonl", done.stdout)

    def peer(self, name: str, labelled: LabelledSet, scratch: Path) -> Path:
        """The results of a peer, as a file in `scratch`."""
        return _kept(scratch / f"{name}.jsonl", self._run("peer", name, str(labelled.folder)).encode())

    def score(self, labelled: LabelledSet, results: Path) -> dict[str, Any]:
        """The metrics of one file of results."""
        scores: dict[str, Any] = json.loads(self._run(labelled.how, str(labelled.folder), str(results), "--json"))
        return scores

    def _run(self, *arguments: str) -> str:
        done = subprocess.run([sys.executable, str(self.evaluate), *arguments], capture_output=True, check=False)
        if done.returncode:
            raise UserError(f"{self.evaluate} {' '.join(arguments)} failed:\n{_end(done.stderr)}")
        return done.stdout.decode()


def missing_modules(peer: str) -> list[str]:
    """What a peer needs and is not installed."""
    family = next((name for name in PEERS if peer.startswith(name)), None)
    if family is None:
        raise UserError(f"{peer!r} is no peer; choose from {', '.join(PEERS)}.")
    return [module for module in PEERS[family] if find_spec(module) is None]


def _kept(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file


def _end(log: bytes) -> str:
    return log.decode("utf-8", "replace")[-1500:]
