"""Which address does the page give itself, and is it the page's own?

Sites name one address for many stories: the front, a section, the page in another language, a story of last year. Two
stories that name one address would be taken for one, so a claim is believed only where both addresses may well be those
of one page. All others are passed over with a reason, and the page then has no canonical URL: none rather than a wrong
one. docs/decisions/0015-canonical-links.md has what was measured.
"""

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import msgspec

from services.parser.fields.address_words import LISTS, WORDS_OF_STORY, AddressWords, share_words, words_in, words_of
from services.parser.fields.claims import PassedOver
from services.parser.language.folding import fold
from services.parser.outline.addresses import absolute_url
from services.parser.outline.outline import Outline
from shared.urls import host_of, same_site, url_key

NO_ADDRESS = "no address that can be fetched"
PLACEHOLDER = "what a system writes where it has no address"
UNREACHABLE = "a machine that readers do not get to"
OTHER_LANGUAGE = "the page in another language"
FRONT = "a front page"
SECTION = "a section or another list"
OTHER_STORY = "another story"
OTHER_SITE = "a story of another site"

_TEMPLATE = re.compile(r"[{}<>]|%7b|%7d|%%|\$\(|\[(?:url|link|permalink|canonical)\]", re.I)
_PRIVATE_ENDS = (".local", ".localhost", ".internal", ".intranet", ".lan", ".localdomain", ".invalid")
_STAGING = re.compile(rf"(?:^|-)(?:{'|'.join(map(re.escape, sorted(LISTS['staging'])))})\d*(?:-|$)")


class Canonical(msgspec.Struct, frozen=True, kw_only=True):
    """The address that was believed, and the claims that were not. `original` is that of a story on another site."""

    url: str | None = None
    said_by: str | None = None
    original: str | None = None
    passed_over: list[PassedOver] = []


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the head tells of the page beside its addresses."""

    titles: Sequence[str] = ()
    language: str | None = None


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    """What the claims are held against."""

    url: str
    told: Told
    languages_of: dict[str, set[str]]  # key of an address -> its codes of hreflang


def read_canonical(
    outline: Outline, addresses: Sequence[str], url: str | None, base: str | None, told: Told
) -> Canonical:
    """Returns the address that the page gives itself by <link rel=canonical>, else by `addresses`, those of og:url."""
    page: _Page | None = None
    passed: list[PassedOver] = []
    original = None
    for said_by, value in _claims(outline, addresses):
        whole = absolute_url(value, base)
        if url and whole == url:
            return Canonical(url=whole, said_by=said_by, passed_over=passed, original=original)
        if page is None and url:
            page = _Page(url=url, told=told, languages_of=_alternates(outline, base))
        why = _why_not(value, whole, page)
        if whole and url and why in (None, OTHER_SITE) and not same_site(whole, url):
            original = original or _story(whole)
        if whole and why is None:
            return Canonical(url=whole, said_by=said_by, passed_over=passed, original=original)
        passed.append(PassedOver(said_by=said_by, value=value, why=why or NO_ADDRESS))
    return Canonical(passed_over=passed, original=original)


def _claims(outline: Outline, addresses: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What says which address, links first."""
    for link in outline.links:
        if "canonical" in (link.get("rel") or "").lower().split() and (href := (link.get("href") or "").strip()):
            yield "<link rel=canonical>", href
    for address in addresses[:1]:
        yield "og:url", address


def _story(address: str) -> str | None:
    return address if words_of(address).is_story else None


def _alternates(outline: Outline, base: str | None) -> dict[str, set[str]]:
    """The page's own list of its languages."""
    found: dict[str, set[str]] = {}
    for link in outline.links:
        code = (link.get("hreflang") or "").strip().lower()
        if code and code != "x-default" and "alternate" in (link.get("rel") or "").lower().split():
            address = absolute_url(link.get("href"), base)
            if address:
                found.setdefault(url_key(address), set()).add(code)
    return found


def _why_not(value: str, whole: str | None, page: _Page | None) -> str | None:
    """Why a claim is not believed; None if it is."""
    if whole is None or not whole.lower().startswith(("http://", "https://")) or not host_of(whole):
        return NO_ADDRESS
    own = urlsplit(page.url) if page is not None else None
    why = _no_public_address(value, urlsplit(whole), own)
    if why is not None or page is None or url_key(whole) == url_key(page.url):
        return why
    said, own_words = words_of(whole), words_of(page.url)
    if _is_other_language(whole, said, own_words, page):
        return OTHER_LANGUAGE
    if own_words.is_front:
        return OTHER_STORY if said.is_story else None
    return _no_story(said, own_words) or _other_story(whole, said, own_words, page)


def _no_story(said: AddressWords, own: AddressWords) -> str | None:
    """What an address is that is no story's, while the page's own is below the front."""
    if said.is_front:
        return FRONT
    return SECTION if said.is_list and not own.is_list else None


def _other_story(whole: str, said: AddressWords, own: AddressWords, page: _Page) -> str | None:
    """What an address is that cannot be the page's; None if it may be."""
    if _is_same_page(said, own) or _is_named_by_title(said, own, page.told.titles):
        return None
    return _what_else(said, own) if same_site(whole, page.url) else OTHER_SITE


def _no_public_address(value: str, parts: SplitResult, own: SplitResult | None) -> str | None:
    """Why no reader could follow it."""
    host, own_host = parts.hostname or "", (own.hostname or "") if own is not None else ""
    last = parts.path.rstrip("/").rpartition("/")[2].lower()
    if _TEMPLATE.search(value) or last in LISTS["placeholders"]:
        return PLACEHOLDER
    if host == own_host:
        port = parts.port if parts.port not in (80, 443) else None
        return UNREACHABLE if port and own is not None and port != own.port else None
    labels = host.split(".")
    if len(labels) > 1 and labels[-2] in LISTS["placeholder_hosts"]:
        return PLACEHOLDER
    if len(labels) < 2 or host.endswith(_PRIVATE_ENDS) or _is_number(host):
        return UNREACHABLE
    own_labels = own_host.split(".")
    if any(_STAGING.search(label) for label in labels[:-1] if label not in own_labels):
        return UNREACHABLE
    return None


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_other_language(whole: str, said: AddressWords, own: AddressWords, page: _Page) -> bool:
    """Whether the page's own list of languages tells the two apart, or else their addresses."""
    there, here = page.languages_of.get(url_key(whole)), page.languages_of.get(url_key(page.url))
    if there and here:
        return there.isdisjoint(here)
    if there and page.told.language:
        return page.told.language not in {code[:2] for code in there}
    language = own.language or page.told.language
    return said.language is not None and language is not None and said.language != language


def _is_same_page(said: AddressWords, own: AddressWords) -> bool:
    """Whether both addresses may be those of one story: twins, other sections, slugs that were rewritten."""
    if said.steps == own.steps:
        return _is_same_query(said, own)
    # An address without a path, such as /?p=123, stands above all others and says nothing by that.
    if said.steps == own.steps[: len(said.steps)] and (said.steps or own.is_list):
        return own.is_list or _is_part(own.steps[len(said.steps) :], said)
    if said.ids & own.ids or said.ids & own.numbers or said.numbers & own.ids:
        return True
    if not share_words(said.slug, own.slug) or (said.day and own.day and said.day != own.day and said.slug != own.slug):
        return False
    many = len(said.slug & own.slug) >= WORDS_OF_STORY
    return many or not (said.ids and own.ids)


def _is_same_query(said: AddressWords, own: AddressWords) -> bool:
    """Whether the parameters of two addresses with one path name one page; a story's path needs none."""
    if any(own.query.get(name, value) != value for name, value in said.query.items()):
        return False
    lost = {value for name, value in own.query.items() if name not in said.query}
    in_path = bool(said.ids - set(said.query.values())) or len(said.slug) >= WORDS_OF_STORY
    return in_path or not any(any(map(str.isdecimal, value)) for value in lost)


def _is_part(rest: tuple[str, ...], said: AddressWords) -> bool:
    """Whether what stands below an address is a part of its story, and not a story of its section."""
    if all(step.isdecimal() and len(step) < 4 for step in rest):
        return said.is_story
    last = words_in(said.steps[-1])
    names_story = len(last) >= WORDS_OF_STORY or any(number in said.steps[-1] for number in said.ids)
    return names_story and not any(len(words_in(step)) >= WORDS_OF_STORY for step in rest)


def _is_named_by_title(said: AddressWords, own: AddressWords, titles: Sequence[str]) -> bool:
    """Whether a title has more of the slug than of the page's own slug, as where a site has rewritten the slug."""
    least = max(2, len(said.slug) / 2)
    words = [words_in(fold(title)) for title in titles]
    return any(len(said.slug & title) >= max(least, len(own.slug & title) + 1) for title in words)


def _what_else(said: AddressWords, own: AddressWords) -> str | None:
    """What an address is that shows nothing in common with the page's own; None where that says nothing."""
    if not said.is_story:
        return SECTION
    if said.ids and own.ids and not (said.slug and own.slug and not own.is_story):
        return OTHER_STORY
    if not said.slug or not own.slug or (own.query and own.ids and len(own.slug) < WORDS_OF_STORY):
        return None  # `view.asp?no=123` says nothing in words
    of_one_script = all(map(str.isascii, said.slug)) == all(map(str.isascii, own.slug))
    return OTHER_STORY if of_one_script else None
