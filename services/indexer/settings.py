"""The settings of the indexer."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings

from shared.durations import seconds
from shared.flight.ledger import VALIDATORS_KEPT_S
from shared.settings import SETTINGS_CONFIG, Seconds

DEFAULT_DATABASE_URL = "postgresql://depeche@127.0.0.1:5432/depeche"


class IndexerSettings(BaseSettings):
    """Each field is an environment variable with the prefix DEPECHE_."""

    model_config = SETTINGS_CONFIG

    database_url: str = Field(DEFAULT_DATABASE_URL, description="Postgres that holds what was ingested.")
    indexer_threads: int = Field(2, ge=1, le=64, description="Batches that one indexer writes at the same time.")
    keep_validators: Seconds = Field(
        VALIDATORS_KEPT_S, ge=3_600, description="How long after a visit it is known by what a page is unchanged."
    )


FOREVER = "forever"
LONGEST = timedelta(days=100 * 366)


def how_long(value: object) -> timedelta | None:
    """Return how long something is kept, from text such as "90d"; None for "forever". Raises ValueError otherwise."""
    if value is None or value == FOREVER:
        return None
    try:
        kept = timedelta(seconds=seconds(value))
    except ValueError as error:
        raise ValueError(f'{error}; or "{FOREVER}"') from error
    if kept > LONGEST:
        raise ValueError(f'write "{FOREVER}" for more than a hundred years')
    return kept


Keep = Annotated[timedelta | None, BeforeValidator(how_long)]


class RetentionSettings(BaseSettings):
    """How long `depeche retention` keeps what grows without end. By default nothing is dropped."""

    model_config = SETTINGS_CONFIG

    keep_visits: Keep = Field(None, description="How long visits are kept.")
    keep_changes: Keep = Field(None, description="How long changes stay in the feed.")
    keep_versions: Keep = Field(None, description="How long versions of articles that were replaced are kept.")
    keep_positions: Keep = Field(None, description="How long places that headlines have left are kept.")
    keep_wordings: Keep = Field(None, description="How long wordings that headlines had are kept.")
    keep_headlines: Keep = Field(None, description="How long headlines that are gone are kept.")
    keep_quarantine: Keep = Field(None, description="How long quarantined pages and messages are kept.")
    keep_pages: Keep = Field(None, description="How long pages without article, headlines and visits are kept.")
