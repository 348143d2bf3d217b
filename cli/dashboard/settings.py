"""The settings of the dashboard that are no options of its command."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from shared.settings import SETTINGS_CONFIG


class DashboardSettings(BaseSettings):
    """Each field is an environment variable with the prefix DEPECHE_."""

    model_config = SETTINGS_CONFIG

    dashboard_password: SecretStr | None = Field(
        None, description="Password of the dashboard; needed where it listens on more than the loopback."
    )
    dashboard_hosts: str = Field(
        "", description="Names, separated by commas, under which a proxy serves the dashboard."
    )

    @property
    def password(self) -> str | None:
        """The password as it is; None without one."""
        return self.dashboard_password.get_secret_value() if self.dashboard_password else None

    @property
    def hosts(self) -> frozenset[str]:
        """The names, in lower case."""
        return frozenset(filter(None, (name.strip().lower() for name in self.dashboard_hosts.split(","))))
