"""The operator's settings for the fetcher and the tick."""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode

from shared.flight.ledger import KNOWN_S
from shared.settings import SETTINGS_CONFIG, Seconds
from shared.version import PRODUCT


class FetcherSettings(BaseSettings):
    """Each field is an environment variable with the prefix DEPECHE_."""

    model_config = SETTINGS_CONFIG

    fetcher_threads: int = Field(16, ge=1, le=512, description="Pages that one fetcher downloads at the same time.")
    host_delay: float = Field(1.0, ge=0, le=3600, description="Seconds between requests to one host, over all workers.")
    host_connections: int = Field(2, ge=0, le=100, description="Requests at a time to one host; 0 sets no limit.")
    obey_robots: bool = Field(True, description="Whether robots.txt decides what is fetched, and how fast.")
    fetch_attempts: int = Field(3, ge=1, le=20, description="Times a page is tried before it has failed.")
    retry_delay: float = Field(2.0, ge=0, le=3600, description="Seconds before the second attempt; then 4 times more.")
    user_agent: str = Field(PRODUCT, min_length=1, description="Name of this crawler, told to every server.")
    contact_url: str | None = Field(None, description="Page or mailto: that tells publishers who runs this crawler.")
    connect_timeout: float = Field(5.0, gt=0, description="Seconds to wait for a connection.")
    read_timeout: float = Field(10.0, gt=0, description="Seconds to wait for the next bytes of an answer.")
    total_timeout: float = Field(25.0, gt=0, le=100, description="Seconds that one page may take, redirects included.")
    max_page_bytes: int = Field(8 * 1024 * 1024, ge=1024, description="Largest page, in bytes after decompression.")
    max_redirects: int = Field(5, ge=0, le=20, description="Redirects followed for one page.")
    host_patience: float = Field(
        86_400.0, gt=0, description="Seconds after which pages have failed whose host refuses every request (429, 503)."
    )
    allow_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), description="CIDRs, separated by commas, that may be fetched from although they are not public."
    )
    max_in_air: int = Field(2000, ge=1, description="Pages between frontier and Postgres before the release pauses.")
    keep_known_urls: Seconds = Field(
        KNOWN_S, ge=3_600, description="How long a URL is known after it was last accepted; then headlines make it new."
    )
    lost_after_factor: float = Field(
        1.0, gt=0, description="Scales the seconds after which a message counts as lost: fetch 120, parse 45, index 60."
    )
    archive: Path | None = Field(None, description="Folder of the WARC files in which every page is kept.")
    archive_max_bytes: int = Field(1024**3, ge=1024, description="Size at which a WARC file is ended and one begun.")
    archive_min_free: int = Field(
        2 * 1024**3, ge=0, description="Bytes that the archive leaves free on its disk; below, pages are not kept."
    )
    sources: Path | None = Field(None, description="sources.toml with the pages that the tick fetches periodically.")

    @field_validator("allow_networks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def full_user_agent(self) -> str:
        """The User-Agent header, with the contact in the customary form."""
        return f"{self.user_agent} (+{self.contact_url})" if self.contact_url else self.user_agent
