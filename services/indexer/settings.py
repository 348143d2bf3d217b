"""What an operator can set of the indexer."""

from pydantic import Field
from pydantic_settings import BaseSettings

from shared.settings import SETTINGS_CONFIG

DEFAULT_DATABASE_URL = "postgresql://depeche@127.0.0.1:5432/depeche"


class IndexerSettings(BaseSettings):
    """Each field is an environment variable with the prefix DEPECHE_."""

    model_config = SETTINGS_CONFIG

    database_url: str = Field(DEFAULT_DATABASE_URL, description="Postgres that holds what was ingested.")
    indexer_threads: int = Field(2, ge=1, le=64, description="Batches that one indexer writes at the same time.")
    metrics_port: int | None = Field(None, ge=1, le=65535, description="Port with metrics for Prometheus; unset: none.")
    metrics_host: str = Field("127.0.0.1", description="Address of this machine at which the metrics are served.")
