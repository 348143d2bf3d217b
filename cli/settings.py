"""The settings of the command line."""

import contextlib
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from shared.settings import SETTINGS_CONFIG


class CliSettings(BaseSettings):
    """Each field is an environment variable with the prefix DEPECHE_; an unset URL means the embedded server."""

    model_config = SETTINGS_CONFIG

    home: Path = Field(Path(".depeche"), description="Folder of the embedded servers' data, logs and run files.")
    redis_url: str | None = Field(None, description="Redis to use instead of the embedded one.")
    database_url: str | None = Field(None, description="Postgres to use instead of the embedded one.")

    @field_validator("home")
    @classmethod
    def _is_folder(cls, home: Path) -> Path:
        with contextlib.suppress(PermissionError):  # whoever has to write there says so
            if home.is_file():
                raise ValueError("it is a file; name a folder, which is made if it is not there")
        return home
