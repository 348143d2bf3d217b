"""The version of what the parser gives out; raised when the same page would be read differently."""

PARSER_VERSION = "2"
