"""What an operator can set of the parser."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from shared.settings import SETTINGS_CONFIG


class ParserSettings(BaseSettings):
    """Each field is an environment variable with the prefix DEPECHE_."""

    model_config = SETTINGS_CONFIG

    parser_processes: int = Field(1, ge=1, le=64, description="Processes of one parser; more parsers scale as well.")
    site_rules: Path | None = Field(None, description="TOML file with site rules of your own (docs/site-rules.md).")
