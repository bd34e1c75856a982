"""hpweb from a program: `Client` and what it raises. Needs httpx alone; the command line also typer and rich."""

from hpweb.client.client import Client
from hpweb.client.errors import ApiError, Busy, HpwebError, NoSettings, NotAllowed, NotFound, Refused, Unreachable
from hpweb.client.progress import Best, Progress
from hpweb.client.sweeps import Sweep
from hpweb.client.trials import Trial

__all__ = [
    "ApiError",
    "Best",
    "Busy",
    "Client",
    "HpwebError",
    "NoSettings",
    "NotAllowed",
    "NotFound",
    "Progress",
    "Refused",
    "Sweep",
    "Trial",
    "Unreachable",
]
