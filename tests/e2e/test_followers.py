"""What the running indexer does once articles are stored."""

from tests.e2e.stack import Stack
from tests.support.site import Site
from tests.support.waiting import wait_until

PARAGRAPHS = [
    f"Ferry number {number} left the harbour of Port {number * 7} before dawn with {number * 11} passengers on board, "
    f"the owner said, and came back at {number % 12} o'clock because of waves of {number * 3} decimetres."
    for number in range(1, 9)
]


def story(title: str) -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    return f"""<!doctype html><html lang="en"><head><title>{title}</title><meta property="og:type" content="article">
<meta property="og:title" content="{title}"></head><body><main><article><h1>{title}</h1>{text}</article></main></body>
</html>""".encode()


def test_copies_come_into_one_story_and_words_are_found(stack: Stack, site: Site) -> None:
    stack.land(site.serve("/a", story("Ferries return")), site.serve("/b", story("Waves stop the boats")))
    wait_until(lambda: [row["articles"] for row in stack.rows("SELECT articles FROM news.stories")] == [2])
    wait_until(lambda: len(stack.rows("SELECT 1 FROM news.search('ferry passenger')")) == 2)
    assert [row["title"] for row in stack.rows("SELECT title FROM news.search('boat')")] == ["Waves stop the boats"]
