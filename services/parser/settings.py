"""What an operator can set of the parser."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from shared.settings import SETTINGS_CONFIG


class NativeSettings(BaseSettings):
    """What is read at import already, because it chooses what is imported. Variables have the prefix DEPECHE_."""

    model_config = SETTINGS_CONFIG

    native: bool = Field(True, description="Whether the compiled part of the parser is used where it was built.")


class ParserSettings(NativeSettings):
    """Each field is an environment variable with the prefix DEPECHE_."""

    parser_processes: int = Field(1, ge=1, le=64, description="Processes of one parser; more parsers scale as well.")
    parse_timeout: float = Field(
        10.0, ge=0.01, le=20, description="Seconds of CPU time that one page may take to parse."
    )
    parse_max_memory: int = Field(
        512 * 1024 * 1024, ge=16 * 1024 * 1024, description="Bytes of memory that one page may take to parse."
    )
    site_rules: Path | None = Field(None, description="TOML file with site rules of your own (docs/site-rules.md).")
