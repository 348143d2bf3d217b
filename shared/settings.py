"""How a service reads its settings: from the environment and `.env`, checked once, at its composition root."""

from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.durations import seconds
from shared.failures import UserError
from shared.host_scope import HostScope
from shared.wrong_values import wrong_values

ENV_PREFIX = "DEPECHE_"
SETTINGS_CONFIG = SettingsConfigDict(
    env_prefix=ENV_PREFIX, env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
)

# Seconds, which the environment has as "90s", "15m", "6h" or "1d"; a default is a number.
Seconds = Annotated[int, BeforeValidator(lambda value: value if isinstance(value, int) else seconds(value))]

S = TypeVar("S", bound=BaseSettings)


class BrokerSettings(BaseSettings):
    """The settings that every service shares with the others."""

    model_config = SETTINGS_CONFIG

    redis_url: str = Field("redis://127.0.0.1:6379/0", description="Redis with the queues, ledger and page store.")
    host_scope: HostScope = Field("host", description="What is spared as one: a host, or all hosts of a domain.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe line logged.")
    log_format: Literal["json", "console"] = Field("json", description="Log lines as JSON, or coloured for a person.")
    health_file: str | None = Field(None, description="File that a worker touches while it is consuming.")
    metrics_port: int | None = Field(
        None, ge=1, le=65535, description="Port of the metrics for Prometheus, or the next that is free; unset: none."
    )
    metrics_host: str = Field("127.0.0.1", description="Address of this machine at which the metrics are served.")


def load_settings(settings: type[S]) -> S:
    """Read the settings; raises UserError that names each wrong variable and says what is wrong with its value."""
    try:
        return settings()
    except ValidationError as error:
        wrong = [f"{ENV_PREFIX}{name.upper()}={value}: {what}" for (name, value), what in wrong_values(error).items()]
        raise UserError(f"Wrong setting. {'; '.join(wrong)}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"Cannot read the file .env: {error}") from error
