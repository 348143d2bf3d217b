"""What is said of a page's use, as lines for people."""

from collections.abc import Iterator

from shared.rights import Rights


def lines_of(rights: Rights) -> Iterator[str]:
    """Yield a line for each statement, as `tdm_reservation: 1 (tdmrep.json, of /archive/*)`."""
    for kind in rights.__struct_fields__:
        for one in getattr(rights, kind):
            of = f", of {one.path}" if one.path else ""
            to = f", to {one.to}" if one.to else ""
            yield f"{kind}: {one.said} ({one.where}{of}{to})"
