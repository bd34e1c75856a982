"""What is asked of the list of sweeps, as an address says it: `?state=running&owner=me&model=<id>&q=digits&sort=name`."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils import timezone

from runners.protocol.states import FINISHED_SWEEP, SweepState
from sweeps.models import Sweep, SweepTag
from teams.models import User

ME: Final = "me"
BACKENDS: Final = ("optuna", "ray", "wandb")
UNDER_WAY: Final = frozenset({SweepState.QUEUED, SweepState.RUNNING, SweepState.PAUSED})
GROUPS: Final[Mapping[str, list[str]]] = {
    "open": [state.value for state in UNDER_WAY],
    "finished": [state.value for state in FINISHED_SWEEP],
}
"""Words for several states at once."""
STATES: Final = (*GROUPS, *(state.value for state in SweepState))
LONGEST: Final = 200
WORDS: Final = 8
"""So many words of a text are looked for."""

_CREATED: Final = (F("created_at"), F("pk"))
SORTS: Final[Mapping[str, tuple[OrderBy, ...]]] = {
    "-created": tuple(column.desc() for column in _CREATED),
    "created": tuple(column.asc() for column in _CREATED),
    "name": (F("name").asc(), F("pk").asc()),
    "-name": (F("name").desc(), F("pk").desc()),
    "state": (F("state").asc(), F("pk").desc()),
    "-state": (F("state").desc(), F("pk").desc()),
    "owner": (F("created_by__name").asc(), F("created_by__email").asc(), F("pk").desc()),
    "-owner": (F("created_by__name").desc(), F("created_by__email").desc(), F("pk").desc()),
    "-finished": (F("finished_at").desc(nulls_last=True), F("pk").desc()),
    "finished": (F("finished_at").asc(nulls_last=True), F("pk").asc()),
}
NEWEST: Final = "-created"


@dataclass(frozen=True)
class Asked:
    """One view of the list. Empty: not filtered by that.

    `owner`: an email address, or "me". `state`: a state, or a word of `GROUPS`. `model`, `dataset`: public ids. `start`
    and `end`: days in the reader's zone on which a sweep may have been made, both included. `q`: words that all stand in
    name, notes or tags. `problems`: field → what is wrong with it and how to mend it; such a field does not filter.
    """

    q: str = ""
    owner: str = ""
    state: str = ""
    tag: str = ""
    model: str = ""
    dataset: str = ""
    backend: str = ""
    start: date | None = None
    end: date | None = None
    archived: bool = False
    sort: str = NEWEST
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def active(self) -> dict[str, str]:
        """Name → text of what filters; neither order nor archive."""
        found = {name: getattr(self, name) for name in FILTERS}
        return {name: str(value) for name, value in found.items() if value}

    def query(self, **changes: Any) -> str:
        """The query of an address that asks the same but for `changes` (a value or None)."""
        said: dict[str, Any] = {**self.active, "sort": self.sort if self.sort != NEWEST else ""}
        said["archived"] = "1" if self.archived else ""
        said.update(changes)
        return urlencode({name: value for name, value in said.items() if value})

    def only(self) -> str:
        """The query without any filter."""
        return self.query(**dict.fromkeys(FILTERS))


FILTERS: Final = tuple(
    entry.name for entry in fields(Asked) if entry.name not in {"archived", "sort", "problems"}
)  # in the order in which they are shown


def read_asked(address: Mapping[str, str]) -> Asked:
    """What an address asks for. Never fails: what can't be read is told in `problems`."""
    problems: dict[str, str] = {}
    said: dict[str, Any] = {}
    for name in ("q", "owner", "tag", "model", "dataset"):
        said[name] = _clean(address.get(name, ""))
    said["state"] = _one_of(address, "state", STATES, problems)
    said["backend"] = _one_of(address, "backend", BACKENDS, problems)
    for name in ("start", "end"):
        said[name] = _day(address, name, problems)
    if said["start"] and said["end"] and said["start"] > said["end"]:
        problems["end"] = "The last day is before the first: exchange the two."
        said["start"] = said["end"] = None
    said["sort"] = _one_of(address, "sort", tuple(SORTS), {}) or NEWEST
    return Asked(**said, archived=address.get("archived") == "1", problems=problems)


def fitting(sweeps: QuerySet[Sweep], asked: Asked, user: User | None) -> QuerySet[Sweep]:
    """Those of `sweeps` that fit, in the order that is asked for. `user`: who "me" is."""
    found = sweeps.filter(archived_at__isnull=not asked.archived)
    if asked.owner:
        found = found.filter(created_by=user) if asked.owner == ME else found.filter(created_by__email=asked.owner)
    if asked.state:
        found = found.filter(state__in=GROUPS.get(asked.state) or [asked.state])
    if asked.tag:
        found = found.filter(pk__in=SweepTag.objects.filter(name=asked.tag).values("sweep"))
    if asked.model:
        found = found.filter(model__public_id=asked.model)
    if asked.dataset:
        found = found.filter(dataset_version__dataset__public_id=asked.dataset)
    if asked.backend:
        found = found.filter(_by_backend(asked.backend))
    if asked.start:
        found = found.filter(created_at__gte=_midnight(asked.start))
    if asked.end:
        found = found.filter(created_at__lt=_midnight(asked.end + timedelta(days=1)))
    for word in asked.q.split()[:WORDS]:
        found = found.filter(having(word))
    return found.order_by(*SORTS[asked.sort])


def having(word: str) -> Q:
    """Sweeps in whose name, notes or tags the word stands, in any case."""
    tagged = SweepTag.objects.filter(name__icontains=word).values("sweep")
    return Q(name__icontains=word) | Q(description__icontains=word) | Q(pk__in=tagged)


def _by_backend(name: str) -> Q:
    """The frozen spec's backend, or the draft's; Optuna where none is named."""
    frozen = Q(spec__isnull=False, spec__backend__name=name)
    draft = Q(spec__isnull=True, draft__backend__name=name)
    if name != "optuna":
        return frozen | draft
    nothing = Q(spec__isnull=False, spec__backend__name__isnull=True)
    return frozen | draft | nothing | Q(spec__isnull=True, draft__backend__name__isnull=True)


def _clean(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST]


def _one_of(address: Mapping[str, str], name: str, known: tuple[str, ...], problems: dict[str, str]) -> str:
    word = _clean(address.get(name, ""))
    if word and word not in known:
        problems[name] = f"There is no {name} {word[:30]}: choose one of {', '.join(known)}."
        return ""
    return word


def _day(address: Mapping[str, str], name: str, problems: dict[str, str]) -> date | None:
    text = _clean(address.get(name, ""))
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        # The day after the last one must exist too.
        _midnight(day + timedelta(days=1))
        _midnight(day)
    except (ValueError, OverflowError):
        problems[name] = f"{text[:30]} is no day: write it as {timezone.localdate().isoformat()}."
        return None
    return day


def _midnight(day: date) -> datetime:
    """The beginning of the day in the reader's zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
