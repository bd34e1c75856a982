"""What speaks against comparing: in what trials differ beside their parameters, and what that does to the numbers."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from sweeps.queries.compare.trials import Compared
from sweeps.queries.details import describe_model, describe_processor

NAMED: Final = 3
"""So many trials of a group are named."""
GROUPS: Final = 4
"""So many groups are told of."""
BY_TOKEN: Final = frozenset({"causal-lm", "masked-lm", "seq2seq"})
"""Tasks whose loss is a mean over tokens, which depend on the tokenizer."""


@dataclass(frozen=True)
class Warned:
    """`level`: "measure", the numbers measure different things; "shift", they are moved; "chance", they are noisy.

    `groups`: what, and which trials are so. `effect`: what it does to the numbers.
    """

    level: str
    title: str
    groups: list[str]
    effect: str


@dataclass(frozen=True)
class Verdict:
    """`alike`: what was looked at and is the same. `unknown`: what is not known of some trial."""

    warned: list[Warned]
    alike: list[str]
    unknown: list[str]


@dataclass(frozen=True)
class _Aspect:
    title: str
    level: str
    effect: str
    key: Callable[[Compared], Hashable]
    words: Callable[[Compared], str | None]


def _data_key(side: Compared) -> Hashable:
    """Of the data itself: a version that was deleted has no name any more."""
    return side.spec.data.model_dump_json() if side.spec else None


def _metric(side: Compared) -> str | None:
    if side.spec is None:
        return None
    told = [f"{row.metric} ({row.over})" for row in side.spec.objectives]
    return f"{side.spec.task}: {', '.join(told)}"


def _metric_key(side: Compared) -> Hashable:
    if side.spec is None:
        return None
    return side.spec.task, tuple(row.model_dump_json() for row in side.spec.objectives)


def _tokens(side: Compared) -> str | None:
    if side.spec is None or side.spec.task not in BY_TOKEN:
        return ""
    processor = describe_processor(side.spec.processor)
    return f"{processor} ({describe_model(side.spec.model)})" if side.spec.processor.source == "model" else processor


def _versions(side: Compared) -> str | None:
    told = [f"{name} {version}" for name, version in sorted(side.versions.items())]
    return ", ".join(told) or None


def _counted(side: Compared) -> str | None:
    if side.gpus is None:
        return None
    return "the CPU" if side.gpus == 0 else f"{side.gpus} GPU{'' if side.gpus == 1 else 's'}"


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)


ASPECTS: Final = (
    _Aspect(
        "Data set version",
        "measure",
        "Values that were measured on different rows cannot be ranked: a better value may be an easier version.",
        _data_key,
        lambda side: side.data,
    ),
    _Aspect(
        "Evaluation split",
        "measure",
        "Each value is a mean over other rows, so a difference may be one of the splits and not of the trials.",
        lambda side: side.evaluated_on,
        lambda side: side.evaluated_on,
    ),
    _Aspect(
        "Task or metric",
        "measure",
        "The values come from different metric code: equal names do not mean the same measure. The best of all "
        "evaluations is never worse than the last one.",
        _metric_key,
        _metric,
    ),
    _Aspect(
        "Tokens",
        "measure",
        "The loss is a mean over tokens. With other tokens it is another quantity, and a lower one need not be better.",
        _tokens,
        _tokens,
    ),
    _Aspect(
        "Precision",
        "shift",
        "Rounding differs in every step: final values move a little, and fp16 may diverge where bf16 and fp32 do not.",
        lambda side: side.precision,
        lambda side: side.precision,
    ),
    _Aspect(
        "Effective batch",
        "shift",
        "With as many epochs a larger batch takes fewer optimizer steps, and a learning rate that suits one batch does "
        "not suit another. Compare curves by epoch rather than by step.",
        lambda side: side.effective_batch,
        lambda side: _number(side.effective_batch),
    ),
    _Aspect(
        "GPU count",
        "shift",
        "More GPUs mean a larger effective batch unless it was lowered for each, rows fall to other steps, and "
        "durations cannot be compared.",
        lambda side: side.gpus,
        _counted,
    ),
    _Aspect(
        "Library versions",
        "shift",
        "Defaults, kernels and random draws change between versions: the same parameters and seed need not give the "
        "same value.",
        _versions,
        _versions,
    ),
    _Aspect(
        "Seed",
        "chance",
        "A part of each difference is chance: the same parameters give another value with another seed. Repeat the "
        "best ones with several seeds before one is called better.",
        lambda side: side.seed,
        lambda side: _number(side.seed),
    ),
)


def guard(sides: Sequence[Compared]) -> Verdict:
    """What is said above the table. Nothing is said of a single trial."""
    verdict = Verdict([], [], [])
    if len(sides) < 2:
        return verdict
    for aspect in ASPECTS:
        known = [side for side in sides if aspect.words(side) is not None]
        groups: dict[Hashable, list[Compared]] = {}
        for side in known:
            groups.setdefault(aspect.key(side), []).append(side)
        if len(groups) > 1:
            several = len({side.sweep.pk for side in sides}) > 1
            told = _told(aspect, list(groups.values()), several=several)
            verdict.warned.append(Warned(aspect.level, aspect.title, told, aspect.effect))
        elif known and aspect.words(known[0]):
            verdict.alike.append(aspect.title.lower() if aspect.title != "GPU count" else aspect.title)
        if len(known) < len(sides):
            count = len(sides) - len(known)
            verdict.unknown.append(f"{aspect.title} of {count} trial{'' if count == 1 else 's'}")
    return verdict


def _told(aspect: _Aspect, groups: list[list[Compared]], *, several: bool) -> list[str]:
    """Each group in words, the largest first."""
    groups = sorted(groups, key=len, reverse=True)
    words = [aspect.words(group[0]) or "none" for group in groups]
    if aspect.title == "Library versions":
        words = _only_differing(groups)
    told = [f"{said}: {_names(group, several=several)}" for said, group in zip(words, groups, strict=True)]
    rest = len(told) - GROUPS
    return [*told[:GROUPS], f"and {rest} more"] if rest > 0 else told


def _only_differing(groups: list[list[Compared]]) -> list[str]:
    """Of the versions those that are not the same in every group."""
    each = [group[0].versions for group in groups]
    names = sorted({name for one in each for name in one if len({other.get(name) for other in each}) > 1})
    return [", ".join(f"{name} {one.get(name, 'not there')}" for name in names) for one in each]


def _names(group: list[Compared], *, several: bool) -> str:
    named = [f"{side.sweep.name} #{side.trial.number}" if several else f"{side.trial.number}" for side in group[:NAMED]]
    rest = len(group) - len(named)
    joined = ", ".join(named) + (f" and {rest} more" if rest else "")
    return joined if several else f"trial{'' if len(group) == 1 else 's'} {joined}"
