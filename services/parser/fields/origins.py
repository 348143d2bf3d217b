"""How was each field found? The words that the steps which choose a field leave behind, for people who ask."""

import msgspec

from services.parser.fields.titles import Title

SITE_RULE = "the site rule selects it"
SCRIPTS = "the data of the page's scripts"

# Authors
JSON_LD_PEOPLE = "people whom JSON-LD names"
META_PEOPLE = "people whom a meta element names"
WRITERS = 'whom the page says that it is "written by"; the head names all who worked for it'
OTHER_BYLINE = "the byline under the headline; the head names somebody whom it does not show"
FULL_NAMES = "the names in full as the byline shows them; the head has only first names"
BYLINE = "a byline beside the headline or below the text"
ROLES = "a line that says what they are, such as reporter"
DATED_LINE = "a line with a date beside the headline"
OPENING_LINE = "the text's first line, in bold"
AGENCY = "a news agency that a line beside the headline names, where no person signs"
HOUSE_OF_BOTH = "JSON-LD and a meta element name the same organisation, and the page names no person"
JSON_LD_HOUSE = "JSON-LD names an organisation or a user, and the page names no person"
META_HOUSE = "a meta element names an organisation or a user, and the page names no person"
MARKED_BOX = "a box called author or byline elsewhere on the page"
SIGNATURE = "whoever signs beside the headline, although it is no person"
CLOSING_LINE = "the text's last line, in bold or italics"
NO_AUTHOR = "neither the head nor a line of the page names anybody who was believed to be the author"

# Dates
EARLIER_SHOWN = "beside the headline; the head's later date may be that of the file"
HEAD = "the head"
HEAD_IN_LOCAL_TIME = "the head, in the local time that the page shows"
SHOWN = "the visible page"
ADDRESS = "the day in the page's address; nothing else says when"
LAST_CHANGE = "the last change is the only date"
NO_DATE = "neither head nor address has a date that can be read, nor the page where articles have theirs"

# Kicker
BEFORE_TITLE = "the beginning of the heading, before the title"
KICKER_BOX = "a line over the headline whose box is called a kicker"


class Origins(msgspec.Struct, frozen=True, kw_only=True):
    """For each field that has to be searched for: how it was found, in words; None where it was not."""

    title: Title | None = None
    kicker: str | None = None
    authors: str = NO_AUTHOR
    published_at: str = NO_DATE
    modified_at: str | None = None
