"""The settings of `depeche relay`; its options win over them."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from shared.settings import SETTINGS_CONFIG


class RelaySettings(BaseSettings):
    """Each field is an environment variable with the prefix DEPECHE_."""

    model_config = SETTINGS_CONFIG

    relay_to: str | None = Field(
        None, description="Receiver of the relay: a webhook (https://…) or a Redis (redis://…)."
    )
    relay_secret: str | None = Field(
        None, description="Secret that signs what a webhook gets: whsec_ and base64; two of them while it is changed."
    )
    relay_from: str = Field(
        "now", description="Where a relay without a kept cursor begins: now, beginning or a cursor."
    )
    relay_batch: int = Field(20, ge=1, le=1000, description="Changes that are delivered together, at the most.")
    relay_refused: Literal["stop", "skip"] = Field(
        "stop", description="What a relay does about a change that is refused for good: stop, or skip it."
    )
