"""How much of the server's disk a team takes, and how much it may."""

from dataclasses import dataclass
from typing import Final, Literal

from django.conf import settings
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat

from sweeps.models import Artifact, LogChunk, StoredFolder
from teams.models import Team

WARN_AT: Final = 0.8
"""The share of its quota from which a team is warned."""


@dataclass(frozen=True)
class Usage:
    """All in bytes. `quota`: None where there is no bound."""

    artifacts: int
    logs: int
    quota: int | None

    @property
    def used(self) -> int:
        return self.artifacts + self.logs

    @property
    def percent(self) -> int:
        """Of the quota, rounded down; 0 without one."""
        return 100 * self.used // self.quota if self.quota else 0

    @property
    def level(self) -> Literal["", "near", "over"]:
        """Whether the team is to be warned."""
        if not self.quota or self.used < WARN_AT * self.quota:
            return ""
        return "near" if self.used < self.quota else "over"


def quota_of(team: Team) -> int | None:
    """Bytes that the team may take; None: no bound."""
    own = team.quota_bytes
    return (settings.TEAM_QUOTA_BYTES if own is None else own) or None


def usage(team: Team) -> Usage:
    """What the team takes now. Two queries."""
    artifacts = Artifact.objects.filter(team=team).aggregate(sum=Sum("size"))["sum"] or 0
    logs = LogChunk.objects.filter(job__sweep__team=team).aggregate(sum=Sum("bytes"))["sum"] or 0
    return Usage(artifacts, logs, quota_of(team))


def over_quota(team: Team, size: int) -> str:
    """A sentence where `size` more bytes would pass the team's quota, else nothing."""
    if quota_of(team) is None:
        return ""
    now = usage(team)
    if now.quota is None or now.used + size <= now.quota:
        return ""
    return (
        f"The team {team.name} has used {filesizeformat(now.used)} of {filesizeformat(now.quota)}, and {filesizeformat(size)} "
        "more do not fit. Delete data sets or sweeps that nobody needs, or ask your operator for a larger quota."
    )


def shares(team: Team) -> list[tuple[str, int]]:
    """What the team's bytes are, for people: what they belong to, and how many."""
    folders: dict[str, set[tuple[str, int]]] = {"model": set(), "tokenizer": set()}
    for kind, files in StoredFolder.objects.filter(team=team).values_list("kind", "files"):
        folders[kind].update((str(file["sha256"]), int(file["size"])) for file in files)
    data = Artifact.objects.filter(team=team, dataset_versions__isnull=False).distinct()
    sizes = {artifact.sha256: artifact.size for artifact in data}
    now = usage(team)
    models, tokenizers = (sum(size for _, size in folders[kind]) for kind in ("model", "tokenizer"))
    rest = max(0, now.artifacts - sum(sizes.values()) - models - tokenizers)
    return [
        ("Data sets", sum(sizes.values())),
        ("Trained models", models),
        ("Tokenizers", tokenizers),
        ("Other files", rest),
        ("Logs", now.logs),
    ]
