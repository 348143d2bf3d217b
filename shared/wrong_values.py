"""Says in plain words what is wrong with a value that a person gave, as a setting or as an option of a command.

pydantic checks both. Its own messages speak of types and of parsing to whoever mistyped a number.
"""

from pydantic import ValidationError
from pydantic_core import ErrorDetails

# What is wrong, by pydantic's type of the error; `{…}` are of its context.
SENTENCES = {
    "bool_parsing": "write true or false",
    "float_parsing": "it is no number",
    "finite_number": "it is no number",
    "int_parsing": "it is no whole number",
    "int_parsing_size": "it is too large",
    "int_from_float": "it is no whole number",
    "greater_than": "it has to be greater than {gt:.15g}",
    "greater_than_equal": "it has to be {ge:.15g} or more",
    "less_than": "it has to be less than {lt:.15g}",
    "less_than_equal": "it can be {le:.15g} at the most",
    "literal_error": "choose from {expected}",
    "enum": "choose from {expected}",
    "string_too_short": "it has to have {min_length} characters or more",
    "string_too_long": "it can have {max_length} characters at the most",
    "ip_v4_network": "it is no network; write one as 10.0.0.0/8 or fd00::/8",
    "ip_v6_network": "it is no network; write one as 10.0.0.0/8 or fd00::/8",
    "value_error": "{error}",
}


def in_plain_words(error: ErrorDetails) -> str:
    """Return what is wrong with the value; in pydantic's words only where these sentences have none."""
    sentence = SENTENCES.get(error["type"])
    return error["msg"] if sentence is None else sentence.format(**error.get("ctx", {}))


def wrong_values(error: ValidationError) -> dict[tuple[str, str], str]:
    """Return (name, value) -> what is wrong with it, once for each value however many types were tried."""
    return {(str(e["loc"][0]) if e["loc"] else "", repr(e["input"])): in_plain_words(e) for e in error.errors()}
