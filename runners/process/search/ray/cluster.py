"""A Ray of this job alone, or an existing cluster; and what is left of one whose driver was killed."""

import contextlib
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil

import runners
from runners.process.folder import JobFolder
from runners.process.temporary import short_name
from runners.process.training.refusal import InvalidSpec
from runners.protocol.backends import RayBackend

_QUIET: Final = {
    "RAY_CHDIR_TO_TRIAL_DIR": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_STRICT_METRIC_CHECKING": "1",
    "TUNE_WARN_THRESHOLD_S": "60",
}
_STORE_BYTES: Final = 100 * 2**20
"""Only lines of events and small dictionaries travel; Ray would take a third of the memory."""
_TRIES: Final = 20
_PAUSE_S: Final = 0.1
_ANSWER_S: Final = 10.0
_TOKEN: Final = "RAY_AUTH_TOKEN"  # noqa: S105 - the name of a variable


def session_folder(job: JobFolder) -> Path:
    """Where the job's own Ray keeps its sockets: a short path, as a socket's may have 107 characters."""
    return short_name(job, "ray")


def remove_session(job: JobFolder) -> None:
    """End and delete what a Ray of this job has left. Its processes end by themselves, but not at once."""
    folder = session_folder(job)
    if not folder.exists():
        return
    for process in _at_work_in(folder):
        with contextlib.suppress(psutil.Error):
            process.kill()
    # A process that is about to end may still write.
    for _ in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(_PAUSE_S)


def _at_work_in(folder: Path) -> Iterator[psutil.Process]:
    """By command line or open log, as Ray's agents and workers change their names."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            names = [*process.cmdline(), *(file.path for file in process.open_files())]
            if process.pid != os.getpid() and any(str(folder) in name for name in names):
                yield process


@contextmanager
def connected(backend: RayBackend, job: JobFolder, *, at_once: int) -> Iterator[Any]:
    """The ray module, connected. `at_once`: trials that run side by side. Raises `InvalidSpec` for a dead address."""
    os.environ.update(_QUIET)
    # By default Tune lets one worker of a search start at a time: short trials would then train one after another.
    os.environ["TUNE_MAX_PENDING_TRIALS_PG"] = str(at_once)
    import ray

    environment = {"env_vars": {**_QUIET, "PYTHONPATH": _path(), "TOKENIZERS_PARALLELISM": "false"}}
    common: dict[str, Any] = {
        "log_to_driver": False,
        "logging_level": "ERROR",
        "configure_logging": False,
        "runtime_env": environment,
        "namespace": session_folder(job).name,
    }
    if backend.address is not None:
        _join(ray, backend.address, common)
    else:
        remove_session(job)
        # Its ports are open to the network. A token of its own keeps others out, and no file in the home folder.
        os.environ[_TOKEN] = secrets.token_hex(32)
        ray.init(
            address="local",
            num_cpus=max(1, round(backend.cpus * at_once + 0.5)),
            num_gpus=round(backend.gpus * at_once + 0.499) if backend.gpus else 0,
            include_dashboard=False,
            object_store_memory=_STORE_BYTES,
            _temp_dir=str(session_folder(job)),
            **common,
        )
    try:
        yield ray
    finally:
        with contextlib.suppress(Exception):
            ray.shutdown()
        if backend.address is None:
            remove_session(job)


def _join(ray: Any, address: str, common: dict[str, Any]) -> None:
    """Raises `InvalidSpec`; Ray itself would try for many minutes."""
    host, _, port = address.rpartition(":")
    if "/" in host or not (host and port.isdecimal()):
        reason = (
            f"{address} is no address of a cluster's head: write host:port, and run this runner on one of its machines."
        )
        raise InvalidSpec("backend.address", reason)
    if os.environ.get(_TOKEN):
        from ray._private.authentication import authentication_token_setup as tokens

        # Ray does so by itself for a cluster that it has found, not for one that was named.
        tokens.maybe_enable_token_auth_if_token_available(warn_if_disabled=False)
    try:
        socket.create_connection((host, int(port)), timeout=_ANSWER_S).close()
        ray.init(address=address, **common)
    except OSError as error:  # a ConnectionError of Ray's is one
        reason = f"No Ray cluster answers at {address}: {error}. Start it, or correct its address or its token."
        raise InvalidSpec("backend.address", reason) from error


def _path() -> str:
    """Where workers find this program."""
    own = str(Path(runners.__path__[0]).resolve().parent)
    return os.pathsep.join(filter(None, (own, os.environ.get("PYTHONPATH"))))
