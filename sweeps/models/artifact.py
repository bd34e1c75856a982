"""Bytes named by their content hash."""

from django.db import models

from teams.ids import PublicIdModel
from teams.models import Team, User


class Artifact(models.Model):
    """A file in the artifact store, named `<sha256[:2]>/<sha256>` there; one row a team, so that rights stay simple."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="artifacts")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "sha256"], name="artifact_once_a_team")]

    def __str__(self) -> str:
        return self.sha256[:12]

    @property
    def storage_name(self) -> str:
        return f"{self.sha256[:2]}/{self.sha256}"


class StoredFolder(models.Model):
    """Several artifacts as a folder: a trained tokenizer (named by its key) or a model (named by its trial).

    `files` is a list of `{"path", "sha256", "size"}`.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="folders")
    kind = models.CharField(max_length=20, choices=[("tokenizer", "tokenizer"), ("model", "model")])
    key = models.CharField(max_length=64)
    files = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "kind", "key"], name="folder_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(int(file["size"]) for file in self.files)


class Upload(PublicIdModel):
    """A file on its way in, chunk by chunk. The bytes so far lie in a partial file until the hash is proved."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="uploads")
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="uploads")
    job = models.ForeignKey("sweeps.Job", models.CASCADE, null=True, blank=True, related_name="uploads")
    kind = models.CharField(max_length=20)
    filename = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(
        max_length=64, blank=True, help_text="Expected hash; empty when the sender can't know it."
    )
    size = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    artifact = models.ForeignKey(Artifact, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.filename or self.kind} {self.offset}/{self.size}"
