"""Headlines worth following: the whole of discovery."""

from shared.messages import FetchRequest, PageFetched
from shared.parsed_page import ParsedPage
from shared.urls import same_site, url_key


def requests_found(page: ParsedPage, fetched: PageFetched) -> list[FetchRequest]:
    """One request a story that the page's headline lists lead to, as far as its `follow` asks for it."""
    follow = fetched.follow
    if follow is None or follow.depth < 1:
        return []
    further = type(follow)(kinds=follow.kinds, same_site=follow.same_site, depth=follow.depth - 1)
    found: dict[str, FetchRequest] = {}
    for headline in page.headlines:
        if not headline.url or headline.is_self or not ("*" in follow.kinds or headline.kind in follow.kinds):
            continue
        if follow.same_site and not same_site(fetched.final_url, headline.url):
            continue
        request = FetchRequest(
            url=headline.url,
            source=fetched.source,
            follow=further if further.depth else None,
            batch=fetched.batch,
            only_new=True,
            found_on=fetched.url,
        )
        found.setdefault(url_key(headline.url), request)
    return list(found.values())
