"""The door to a server."""

from types import TracebackType
from typing import Any, Self

from hpweb.client.datasets import Datasets
from hpweb.client.library import Models, Runners, Spaces
from hpweb.client.settings import read_settings
from hpweb.client.sweeps import Sweeps
from hpweb.client.transport import Json, Transport
from hpweb.client.trials import Trials


class Client:
    """`Client("https://sweeps.example.org", "hpt_…")`, or `Client()` with what `hpweb login` or the environment says.

    Requests are repeated where that is safe. Raises the exceptions of `hpweb.client.errors`.
    """

    def __init__(self, url: str = "", token: str = "", **options: Any) -> None:
        settings = read_settings(url, token)
        self.transport = Transport(settings.url, settings.token, **options)
        self.url = self.transport.url
        self.sweeps = Sweeps(self.transport)
        self.trials = Trials(self.transport)
        self.models = Models(self.transport)
        self.spaces = Spaces(self.transport)
        self.datasets = Datasets(self.transport)
        self.runners = Runners(self.transport)

    def me(self) -> Json:
        """Who the token's person is: name, email, team, role, and what the token is for."""
        found: Json = self.transport.request("GET", "me/")
        return found

    def close(self) -> None:
        self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()
