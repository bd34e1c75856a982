"""Why a sweep waits, in one sentence, from the decision itself."""

from collections.abc import Callable, Iterable, Sequence

from sweeps.scheduling.decide import Decision, exceeds
from sweeps.scheduling.fits import NEEDS, has_gpus, has_labels, has_memory, has_places
from sweeps.scheduling.snapshot import GB, Allowance, Machine, Request, Shape, Snapshot

NO_RUNNER = "No runner is registered for this team. An admin adds one on the runners page."
_STATES = {
    "offline": "it is offline",
    "paused": "it is paused",
    "draining": "it is draining",
    "quarantined": "it is quarantined",
}


def reason(snapshot: Snapshot, decision: Decision, request: Request) -> str:
    """What the request waits for; empty where the next round of the scheduler gives it a machine."""
    if any(offer.request.pk == request.pk for offer in decision.offers):
        return ""
    shape, fleet = request.shape, decision.fleet
    served, able = list(fleet.of(fleet.served(shape))), list(fleet.of(fleet.able(shape)))
    if not able:
        return _named(served, shape) if shape.runner else _lacking(served, shape)
    return _quota(snapshot.allowances.get(shape.team), able, decision, shape) or _in_turn(able, decision, request)


def _named(served: Iterable[Machine], shape: Shape) -> str:
    """Of a sweep that waits for one runner which could not take it."""
    machine = next((machine for machine in served if machine.named == shape.runner), None)
    if machine is None:
        return "The runner that is named serves this team no more. Change what the sweep needs."
    if not machine.takes_part:
        return f"Runner {machine.name} is named, and {_STATES.get(machine.state, machine.state)}."
    return f"Runner {machine.name} is named, and it {_lacks(machine, shape)}."


def _lacks(machine: Machine, shape: Shape) -> str:
    """Behind "Runner x is named, and it"."""
    if shape.task not in machine.tasks:
        return f"can't do {shape.task}"
    if not has_labels(machine, shape):
        missing = shape.labels - machine.labels
        return f"has not the label{'s' if len(missing) > 1 else ''} {_list(missing)}"
    if not has_gpus(machine, shape):
        return f"has {len(machine.gpus) or 'no'} GPU{'' if len(machine.gpus) == 1 else 's'}"
    if not has_memory(machine, shape):
        return f"has no {_gb(shape.gpu_memory)} on each GPU"
    return f"has no room for {shape.processes} processes: the most is {machine.most_processes}"


def _lacking(served: Sequence[Machine], shape: Shape) -> str:
    """What no machine has that takes part."""
    if not served:
        return NO_RUNNER
    online = [machine for machine in served if machine.takes_part]
    if not online:
        return _nobody_online(served)
    for need in NEEDS:
        found = [machine for machine in online if need(machine, shape)]
        if not found:
            return _SENTENCES[need](online, shape)
        online = found
    raise AssertionError  # the caller knows that none could take it


def _nobody_online(served: Sequence[Machine]) -> str:
    out = [machine for machine in served if machine.state == "quarantined"]
    if out:
        are = "Runner {} is" if len(out) == 1 else "Runners {} are"
        why = out[0].quarantine_reason.rstrip(".")
        return (
            f"{are.format(_list(machine.name for machine in out))} quarantined ({why}), and no other is online. An admin "
            "mends the machine and lets it take part again on the runners page."
        )
    held = [machine for machine in served if machine.state in {"paused", "draining"}]
    if held:
        one = f"Runner {held[0].name} is {held[0].state}" if len(held) == 1 else f"{len(held)} runners are paused"
        return f"{one}, and no other is online. An admin resumes it on the runners page."
    return "No runner is online. The sweep begins when one comes."


def _no_task(_: Sequence[Machine], shape: Shape) -> str:
    return f"No runner that is online can do {shape.task}."


def _no_label(online: Sequence[Machine], shape: Shape) -> str:
    everywhere = frozenset[str]().union(*(machine.labels for machine in online))
    missing = shape.labels - everywhere
    if missing:
        return f"No online runner has the label{'s' if len(missing) > 1 else ''} {_list(missing)}."
    return f"No online runner has the labels {_list(shape.labels)} together."


def _no_gpus(online: Sequence[Machine], shape: Shape) -> str:
    most = max(len(machine.gpus) for machine in online)
    if not most:
        return "No online runner has a GPU."
    return f"No online runner has {shape.gpus} GPUs: the most is {most}."


def _no_memory(online: Sequence[Machine], shape: Shape) -> str:
    largest = max(min(machine.gpus) for machine in online)
    return f"No online runner has a GPU with {_gb(shape.gpu_memory)}: the largest has {_gb(largest)}."


def _too_small(online: Sequence[Machine], shape: Shape) -> str:
    largest = max(online, key=lambda machine: machine.most_processes)
    return (
        f"A trial has {shape.processes} processes, and no runner that is online has room for as many: the most is "
        f"{largest.most_processes}, on {largest.name}. Clone the sweep with fewer processes, or start a runner with "
        f"HPWEB_RUNNER_SLOTS={shape.processes} (on GPUs: with {shape.processes} of them)."
    )


_SENTENCES: dict[Callable[[Machine, Shape], bool], Callable[[Sequence[Machine], Shape], str]] = dict(
    zip(NEEDS, (_no_task, _no_label, _no_gpus, _no_memory, _too_small), strict=True)
)
assert NEEDS[-1] is has_places


def _quota(allowance: Allowance | None, machines: Sequence[Machine], decision: Decision, shape: Shape) -> str:
    """Where the team's quota is against every machine that could take it."""
    if allowance is None:
        return ""
    held = decision.held.get(shape.team, 0.0)
    if not all(exceeds(allowance, held, machine.gpus_of(shape.processes)) for machine in machines):
        return ""
    if allowance.hours_used_up:
        return f"The team's quota of {allowance.gpu_hours:g} GPU-hours is used until {allowance.renewed}."
    return (
        f"The team has {held:g} GPU{'' if held == 1 else 's'} at work, and its quota is {allowance.gpus:g} at once: one of "
        "its sweeps must end first."
    )


def _in_turn(machines: Sequence[Machine], decision: Decision, request: Request) -> str:
    """Where nothing is missing but its turn."""
    slots = min(machine.need(request.shape.processes) for machine in machines)
    many = f" A trial needs {slots} slots of one runner; those that become free are kept for it." if slots > 1 else ""
    busy = (
        f"Runner {machines[0].name} is busy with another sweep."
        if len(machines) == 1
        else f"All {len(machines)} runners that could do it are busy with other sweeps."
    )
    ahead = _ahead(decision, request)
    if not ahead:
        return f"{busy} This one is next in its turn.{many}"
    return f"{busy} {'1 sweep is' if ahead == 1 else f'{ahead} sweeps are'} ahead.{many}"


def _ahead(decision: Decision, request: Request) -> int:
    """How many wait before it for a machine that it could have, too."""
    mine, ahead = decision.fleet.able(request.shape), 0
    for other in decision.waiting:
        if other.pk == request.pk:
            break
        ahead += bool(mine & decision.fleet.able(other.shape))
    return ahead


def _gb(size: int) -> str:
    return f"{size / GB:.3g} GB"


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
