"""The domain in Django's admin: to look things up. What has happened is read-only."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model as TableModel
from django.http import HttpRequest

from sweeps import models

# Generic for the type checker only.
if TYPE_CHECKING:
    Admin = admin.ModelAdmin[Any]
else:
    Admin = admin.ModelAdmin


class History(Admin):
    """Nothing here is made or changed by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: TableModel | None = None) -> bool:  # noqa: ARG002
        return False


@admin.register(models.Sweep)
class SweepAdmin(History):
    list_display = ("name", "team", "state", "wanted", "n_trials", "created_by", "created_at", "finished_at")
    list_filter = ("state", "team")
    search_fields = ("name", "public_id")
    list_select_related = ("team", "created_by")


@admin.register(models.Trial)
class TrialAdmin(History):
    list_display = ("sweep", "number", "state", "value", "duration_s", "failure_code")
    list_filter = ("state",)
    search_fields = ("sweep__name", "sweep__public_id")
    list_select_related = ("sweep",)


@admin.register(models.Attempt)
class AttemptAdmin(History):
    list_display = ("trial", "index", "state", "job", "duration_s")
    list_filter = ("state",)
    search_fields = ("trial__sweep__public_id",)
    list_select_related = ("trial__sweep", "job__sweep")


@admin.register(models.Job)
class JobAdmin(History):
    list_display = ("public_id", "sweep", "runner", "state", "acked_seq", "lease_until", "offered_at", "finished_at")
    list_filter = ("state", "runner")
    search_fields = ("public_id", "sweep__name", "sweep__public_id")
    list_select_related = ("sweep", "runner")


@admin.register(models.SweepAct)
class SweepActAdmin(History):
    list_display = ("at", "sweep", "verb", "user")
    list_filter = ("verb",)
    search_fields = ("sweep__name", "sweep__public_id")
    list_select_related = ("sweep", "user")


@admin.register(models.SpaceVersion)
class SpaceVersionAdmin(History):
    list_display = ("sweep", "version", "user", "at")
    search_fields = ("sweep__name", "sweep__public_id")
    list_select_related = ("sweep", "user")


@admin.register(models.JournalBatch)
class JournalBatchAdmin(History):
    list_display = ("job", "first_seq", "last_seq", "received_at")
    search_fields = ("job__public_id",)
    list_select_related = ("job__sweep",)
    exclude = ("payload",)


@admin.register(models.Artifact)
class ArtifactAdmin(History):
    list_display = ("sha256", "team", "size", "created_at")
    list_filter = ("team",)
    search_fields = ("sha256",)


@admin.register(models.StoredFolder)
class StoredFolderAdmin(History):
    list_display = ("kind", "key", "team", "created_at")
    list_filter = ("kind", "team")
    search_fields = ("key",)


@admin.register(models.Upload)
class UploadAdmin(History):
    list_display = ("public_id", "kind", "filename", "team", "offset", "size", "created_at")
    list_filter = ("kind", "team")
    search_fields = ("public_id", "filename", "sha256")


@admin.register(models.DatasetVersion)
class DatasetVersionAdmin(History):
    list_display = ("dataset", "number", "digest", "created_at")
    search_fields = ("dataset__name", "digest")
    list_select_related = ("dataset",)


@admin.register(models.Model, models.Dataset, models.SearchSpace)
class LibraryAdmin(Admin):
    list_display = ("name", "team", "task", "created_by", "created_at")
    list_filter = ("task", "team")
    search_fields = ("name", "public_id")
    list_select_related = ("team", "created_by")
    readonly_fields = ("created_at", "updated_at")


@admin.register(models.TrialTag)
class TrialTagAdmin(History):
    list_display = ("trial", "name", "user", "at")
    search_fields = ("name", "trial__sweep__public_id")
    list_select_related = ("trial__sweep", "user")


@admin.register(models.TrialStar)
class TrialStarAdmin(History):
    list_display = ("trial", "user", "at")
    search_fields = ("trial__sweep__public_id",)
    list_select_related = ("trial__sweep", "user")


@admin.register(models.TrialNote)
class TrialNoteAdmin(History):
    list_display = ("trial", "user", "at")
    search_fields = ("text", "trial__sweep__public_id")
    list_select_related = ("trial__sweep", "user")


@admin.register(models.SavedView)
class SavedViewAdmin(History):
    list_display = ("name", "team", "user", "shared", "at")
    search_fields = ("name",)
    list_select_related = ("team", "user")


@admin.register(models.ChosenColumns)
class ChosenColumnsAdmin(History):
    list_display = ("user", "sweep")
    search_fields = ("sweep__public_id",)
    list_select_related = ("user", "sweep")


@admin.register(models.Comparison)
class ComparisonAdmin(History):
    list_display = ("name", "team", "user", "at")
    search_fields = ("name", "note")
    list_select_related = ("team", "user")
