"""The project's own app: system checks and management commands."""

from django.apps import AppConfig


class HpwebConfig(AppConfig):
    name = "hpweb"
    verbose_name = "hpweb"

    def ready(self) -> None:
        from hpweb import checks  # noqa: F401  registers the checks
