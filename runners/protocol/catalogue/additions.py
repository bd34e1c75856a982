"""What other installed packages add to the catalogue: tasks, and metrics of tasks.

A package names an `Addition` under the entry point group `hpweb.catalogue`. Both sides read it, so its module must import
neither Django nor torch. Code of a runner lies behind the groups `hpweb.tasks` and `hpweb.metrics`.
"""

from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from runners.protocol.base import Message
from runners.protocol.catalogue.shapes import Catalogue, MetricInfo, Task

GROUP: Final = "hpweb.catalogue"


class AddedMetric(Message):
    """A metric of the named tasks. `function`: the entry point of the group `hpweb.metrics` that computes it."""

    tasks: tuple[str, ...]
    function: str
    metric: MetricInfo


class Addition(Message):
    """What a package adds."""

    tasks: tuple[Task, ...] = ()
    metrics: tuple[AddedMetric, ...] = ()


@lru_cache(maxsize=1)
def additions() -> tuple[Addition, ...]:
    """Of all installed packages, by entry point name. Raises RuntimeError for one that is broken: half a catalogue would
    be worse than none."""
    found = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            addition = entry.load()
        except Exception as error:
            raise RuntimeError(
                f"The entry point {entry.name} = {entry.value} of {GROUP} cannot be loaded: {error}"
            ) from error
        if not isinstance(addition, Addition):
            raise RuntimeError(f"The entry point {entry.name} = {entry.value} of {GROUP} is no Addition.")
        found.append(addition)
    return tuple(found)


def added_metrics() -> tuple[AddedMetric, ...]:
    return tuple(metric for addition in additions() for metric in addition.metrics)


def merged(catalogue: Catalogue) -> Catalogue:
    """The catalogue with all additions. Raises RuntimeError where a name is taken or a metric's task is not there."""
    tasks = {task.name: task for task in catalogue.tasks}
    for addition in additions():
        for task in addition.tasks:
            if task.name in tasks:
                raise RuntimeError(f"Two packages have a task {task.name}. Uninstall one of them.")
            tasks[task.name] = task
    for added in added_metrics():
        for name in added.tasks:
            if name not in tasks:
                raise RuntimeError(f"The metric {added.metric.name} is of a task {name}, which nobody has.")
            if added.metric.name in {metric.name for metric in tasks[name].metrics}:
                raise RuntimeError(f"The task {name} has two metrics {added.metric.name}. Rename one of them.")
            tasks[name] = tasks[name].model_copy(update={"metrics": (*tasks[name].metrics, added.metric)})
    return catalogue.model_copy(update={"tasks": tuple(tasks.values())})


def entry_point(group: str, name: str) -> EntryPoint | None:
    """The first one of that name, or None."""
    return next(iter(entry_points(group=group, name=name)), None)
