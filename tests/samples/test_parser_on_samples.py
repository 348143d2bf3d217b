"""The parser reads every sample page as the page's author meant it."""

import msgspec
import pytest

from cli.sample_site.catalogue import SamplePage, sample_pages
from cli.sample_site.expected import compare
from cli.sample_site.server import read_resource
from services.parser.page import parse_page

BASE_URL = "http://127.0.0.1:8123/"


@pytest.mark.parametrize("page", sample_pages(), ids=lambda page: page.path)
def test_the_page_is_read_as_expected(page: SamplePage) -> None:
    resource = read_resource(page.file)
    parsed = parse_page(resource.body, url=BASE_URL + page.path.removeprefix("/"), content_type=resource.content_type)
    assert compare(page.expected, msgspec.to_builtins(parsed), BASE_URL) == []
