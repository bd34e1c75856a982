"""The wandb client inside a child: quiet, in a folder of its own, and without a way to hang or to raise anywhere.

The facts about the client (0.31) are measured: `docs/wandb.md` names them.
"""

import os
import threading
from pathlib import Path
from typing import Any, Final

import optuna
from transformers.integrations.integration_utils import WandbCallback

from runners.process.training.refusal import InvalidSpec

OWN: Final = "hpweb"
HEARTBEAT_S: Final = 0.5
_QUIET: Final = {
    "WANDB_SILENT": "true",
    "WANDB_QUIET": "true",
    "WANDB_CONSOLE": "off",
    "WANDB__DISABLE_STATS": "true",
    "WANDB_X_DISABLE_MACHINE_INFO": "true",
    "WANDB_DISABLE_GIT": "true",
    "WANDB_DISABLE_CODE": "true",
    "WANDB_ERROR_REPORTING": "false",
    "WANDB_LOG_MODEL": "false",
    "WANDB_WATCH": "false",
    # The client would repeat for days, and a trial's end waits for it.
    "WANDB__FILE_STREAM_RETRY_MAX": "2",
    "WANDB__FILE_STREAM_TRANSMIT_INTERVAL": "1",
    "WANDB__FILE_TRANSFER_RETRY_MAX": "1",
    "WANDB__GRAPHQL_RETRY_MAX": "2",
    "WANDB_HTTP_TIMEOUT": "10",
}
_FOLDERS: Final = ("WANDB_DIR", "WANDB_CONFIG_DIR", "WANDB_CACHE_DIR", "WANDB_DATA_DIR", "WANDB_ARTIFACT_DIR")


def settle_environment(server: str, folder: Path) -> None:
    """Set what the client reads. To be called before wandb is imported. InvalidSpec without a key or an address."""
    os.environ.update(_QUIET)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(dict.fromkeys(_FOLDERS, str(folder)))
    if server == OWN:
        address = os.environ.get("HPWEB_SERVER", "")
        os.environ["WANDB_BASE_URL"] = f"{address.rstrip('/')}/wandb"
        # Metrics go to the server as events, as under every backend: the client is needed for the search alone.
        os.environ["WANDB_MODE"] = "disabled"
    elif not os.environ.get("WANDB_API_KEY"):
        raise InvalidSpec(
            "backend.server", "The team has no W&B key. An owner or admin enters WANDB_API_KEY on the page Connections."
        )


class Stops:
    """Early termination by the server. `wanted` is set when the trial at work is to end.

    wandb raises a bare Exception somewhere in the training thread; a trial ends here at the end of a step instead.
    """

    def __init__(self) -> None:
        self.wanted = threading.Event()
        from wandb.agents import pyagent

        pyagent._terminate_thread = lambda _thread: self.wanted.set()  # noqa: SLF001 - there is no other way in
        agent: Any = pyagent.Agent
        agent.HEARTBEAT_SLEEP_SECONDS = HEARTBEAT_S
        # Three failures in its first minute would end an agent without a word.
        agent.FLAPPING_MAX_SECONDS = 0

    def check(self) -> None:
        """Raises TrialPruned when the trial is to end."""
        if self.wanted.is_set():
            raise optuna.TrialPruned


_Original: Any = WandbCallback
"""transformers leaves its integrations untyped."""


class SearchCallback(_Original):  # type: ignore[misc]  # see above
    """transformers' callback, which it adds to a W&B search unless there is one. `mirror`: log to W&B.

    The original closes the agent's run when training begins and opens it again, and loses its name by that.
    """

    def __init__(self, stops: Stops, *, mirror: bool) -> None:
        super().__init__()
        self._stops = stops
        self._mirror = mirror

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:  # noqa: ARG002 - the Trainer passes by name
        if self._mirror:
            args.run_name = None
            self.setup(args, state, model, **kwargs)

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self._stops.check()

    def on_log(self, *args: Any, **kwargs: Any) -> None:
        if self._mirror:
            super().on_log(*args, **kwargs)

    def on_train_end(self, *args: Any, **kwargs: Any) -> None:
        if self._mirror:
            super().on_train_end(*args, **kwargs)

    def on_save(self, *args: Any, **kwargs: Any) -> None:
        if self._mirror:
            super().on_save(*args, **kwargs)

    def on_predict(self, *args: Any, **kwargs: Any) -> None:
        if self._mirror:
            super().on_predict(*args, **kwargs)
