"""How the bad twins get into a process: as apps that only their own settings install."""

from importlib import import_module

from django.apps import AppConfig


class Twin(AppConfig):
    """The services it changes can be imported once all apps are loaded."""

    name = "campaigns.management.chaos.twins"
    default = False

    def ready(self) -> None:
        import_module(f"{self.name}.{self.label}").install()


class RetriesEverything(Twin):
    label = "naive"


class LastWriteWins(Twin):
    label = "last_write_wins"


class PacesAlone(Twin):
    label = "own_pace"


class AnswersFirst(Twin):
    label = "answers_first"
