"""The server of a benchmark's pages."""

import gzip
from pathlib import Path

import httpx
import pytest

from benchmarks.page_server import page_server, read_pages
from shared.failures import UserError


def test_pages_are_served_again_and_again_under_new_addresses(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_text("<p>first</p>", "utf-8")
    (tmp_path / "pages" / "b.html.gz").write_bytes(gzip.compress(b"<p>second</p>"))
    with page_server(tmp_path, sites=3) as sites, httpx.Client() as web:
        urls = sites.urls("run", 5)
        assert len(set(urls)) == 5
        assert len({httpx.URL(url).port for url in urls}) == 3
        assert [web.get(url).text for url in urls] == [
            "<p>first</p>",
            "<p>second</p>",
            "<p>first</p>",
            "<p>second</p>",
            "<p>first</p>",
        ]
        assert web.get(f"{sites.bases[0]}/robots.txt").status_code == 404
        assert web.get(f"{sites.bases[0]}/run/2.html").status_code == 404


def test_a_folder_without_pages_is_the_user_s_to_mend(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No pages"):
        read_pages(tmp_path)
