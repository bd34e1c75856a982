"""What a runner holds while it has nothing to do: memory, processes, open files, and what lies about on its disk."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import psutil

from runners.process.folder import JobFolder
from runners.process.temporary import short_name
from tests.stack import Stack

MIB = 2**20


@dataclass(frozen=True)
class Held:
    """Of supervisor and fork server together: memory in MiB (resident; proportional), threads, open files. `processes`: names
    of all that the runner has. `files`: temporary files, job folders, and short names of jobs that are still there.
    """

    resident: float
    proportional: float
    threads: int
    open_files: int
    processes: tuple[str, ...]
    files: tuple[str, ...]


def held(stack: Stack) -> Held:
    """Once the runner is at rest."""
    assert stack.runner is not None
    supervisor = psutil.Process(stack.runner.pid)
    family = [supervisor, *supervisor.children(recursive=True)]
    memory = [process.memory_full_info() for process in family]
    return Held(
        resident=sum(one.rss for one in memory) / MIB,
        proportional=sum(one.pss for one in memory) / MIB,
        threads=sum(process.num_threads() for process in family),
        open_files=sum(process.num_fds() for process in family),
        processes=tuple(sorted(_name(process) for process in family)),
        files=tuple(
            map(str, [*_below(stack.temporary), *_below(stack.data / "runner" / "jobs"), *_short_names(stack)])
        ),
    )


def strangers(stack: Stack) -> list[str]:
    """Processes that have left the runner's family, known by its folder of temporary files or by its jobs."""
    assert stack.runner is not None
    marks = [str(stack.temporary), *map(str, _names(stack))]
    supervisor = psutil.Process(stack.runner.pid)
    family = {supervisor.pid, *(process.pid for process in supervisor.children(recursive=True))}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            said = " ".join([*process.cmdline(), *process.environ().values()])
            if process.pid not in family and any(mark in said for mark in marks):
                found.append(_name(process))
    return found


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    return " ".join(words[1:3]) if len(words) > 2 else process.name()


def _below(folder: Path) -> list[Path]:
    # torch makes this one when it is imported, always by the same name.
    found = (path for path in folder.rglob("*") if not path.name.startswith("torchinductor_"))
    return sorted(found)[:50]


def _names(stack: Stack) -> list[Path]:
    jobs = [
        JobFolder(stack.data / "runner" / "jobs" / job) for (job,) in stack.query("select public_id from sweeps_job")
    ]
    return [short_name(job, kind) for job in jobs for kind in ("ray", "tmp")]


def _short_names(stack: Stack) -> list[Path]:
    return [name for name in _names(stack) if name.is_symlink() or name.exists()]
