"""`depeche init`: what it writes is right as it stands, and what is there stays."""

import tomllib
from pathlib import Path

import pytest

from services.fetcher.settings import FetcherSettings
from services.fetcher.sources.file import check_sources, read_sources
from tests.cli.conftest import Run


def test_files_to_begin_with(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = run("init", "news", "--contact", "mailto:desk@paper.example")
    assert ran.status == 0
    assert "cd news" in ran.out
    monkeypatch.chdir(tmp_path / "news")
    defaults = FetcherSettings(_env_file=None).model_dump()  # type: ignore[call-arg]
    told = {"sources": Path("sources.toml"), "contact_url": "mailto:desk@paper.example"}
    assert FetcherSettings().model_dump() == {**defaults, **told}
    assert Path(".env").stat().st_mode & 0o077 == 0
    assert read_sources(Path("sources.toml")) == []
    uncommented = "".join(
        line.removeprefix("# ") + "\n"
        for line in Path("sources.toml").read_text("utf-8").splitlines()
        if line.startswith(("# [[", "# name", "# url"))
    )
    Path("all.toml").write_text(uncommented)
    assert len(check_sources(Path("all.toml"))) == len(tomllib.loads(uncommented)["source"]) == 3
    assert run("doctor").out.count("sources.toml is right") == 1


def test_what_is_there_stays(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DEPECHE_HOST_DELAY=3\n")
    ran = run("init")
    assert ran.status == 0
    assert ".env is there already, and stays as it is" in ran.out
    assert (tmp_path / ".env").read_text() == "DEPECHE_HOST_DELAY=3\n"
    assert (tmp_path / "sources.toml").exists()
    assert run("init", "--contact", "mailto:desk@paper.example").status == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["file"], "file is a file"), (["--contact", "a b"], "is no address"), (["--contact", ""], "is no address")],
)
def test_mistakes(arguments: list[str], said: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = run("init", *arguments)
    assert ran.status == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
