"""The language model, mapped from a cache."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.parser.language.model import Arrays, cache_folder, load_identifier, main, mapped
from shared.failures import UserError

TEXTS = (
    "The night ferry carries freight again",
    "Die Nachtfähre fährt wieder, sagte die Sprecherin",
    "Президент подписал указ о новых мерах",
    "عاد العبارة الليلية إلى العمل",
    "渡轮恢复运营",
    "O presidente anunciou medidas; o mercado caiu",
    "x",
    "",
    "\ud800",
    "THE COUNCIL HAS VOTED " * 40,
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path


def is_mapped(identifier: object) -> bool:
    base = getattr(identifier, "nb_ptc", None)
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    return isinstance(base, np.memmap)


def test_the_answers_are_those_of_the_library_to_the_last_bit() -> None:
    theirs = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    ours = load_identifier()
    assert is_mapped(ours)
    assert not is_mapped(theirs)
    assert [ours.rank(text) for text in TEXTS] == [theirs.rank(text) for text in TEXTS]
    assert [ours.classify(text) for text in TEXTS] == [theirs.classify(text) for text in TEXTS]


def test_it_is_unpacked_once(cache: Path) -> None:
    load_identifier()
    written = {file: file.stat().st_mtime_ns for file in cache_folder().iterdir()}
    assert {file.stem for file in written} == set(Arrays.__struct_fields__)
    assert {stat.S_IMODE(file.stat().st_mode) for file in written} == {0o644}
    assert is_mapped(load_identifier())
    assert {file: file.stat().st_mtime_ns for file in cache_folder().iterdir()} == written


def test_what_is_not_whole_is_written_anew() -> None:
    load_identifier()
    moves = cache_folder() / "moves.npy"
    whole = moves.read_bytes()
    for torn in (whole[:1000], b""):
        moves.write_bytes(torn)
        assert load_identifier().classify(TEXTS[0])[0] == "en"
        assert moves.read_bytes() == whole


def test_several_processes_at_once_all_get_it(cache: Path) -> None:
    def start(_: int) -> str:
        code = "from services.parser.language.model import load_identifier as load; print(load().classify('Die Fähre'))"
        return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout

    with ThreadPoolExecutor() as pool:
        assert len(set(pool.map(start, range(3)))) == 1
    assert mapped(cache_folder()).languages.size
    assert not [file for file in cache_folder().iterdir() if file.suffix != ".npy"]


def test_without_a_place_for_it_each_parser_unpacks_it(cache: Path) -> None:
    (cache / "depeche").write_text("a file where the folder should be")
    identifier = load_identifier()
    assert not is_mapped(identifier)
    assert identifier.classify(TEXTS[1])[0] == "de"


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    code = """
import resource, signal
import numpy as np
from services.parser.language.model import Arrays, cache_folder, write
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, -1))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
write(Arrays(**dict.fromkeys(Arrays.__struct_fields__, np.zeros(1_000_000))), cache_folder())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert "OSError" in done.stderr
    assert not list(cache_folder().iterdir())


def test_the_command_fills_the_cache_or_says_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    main()
    assert mapped(cache_folder()).languages.size
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    with pytest.raises(UserError, match="The language model cannot be kept in /proc/nowhere"):
        main()
