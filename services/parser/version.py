"""The version of the parse results; it is raised when the same page would be read differently."""

PARSER_VERSION = "5"
