from django.apps import AppConfig


class KommunepostConfig(AppConfig):
    name = "kommunepost"

    def ready(self) -> None:
        from kommunepost import checks  # noqa: F401  (registers the checks)
