"""The fleet in Django's admin."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.http import HttpRequest

from runners.models import Quota, Runner, RunnerAct

if TYPE_CHECKING:
    _RunnerAdmin = admin.ModelAdmin[Runner]
    _RunnerActAdmin = admin.ModelAdmin[RunnerAct]
    _QuotaAdmin = admin.ModelAdmin[Quota]
else:
    # Generic in the stubs only.
    _RunnerAdmin = _RunnerActAdmin = _QuotaAdmin = admin.ModelAdmin


@admin.register(Runner)
class RunnerAdmin(_RunnerAdmin):
    """A new runner's token is shown once, after it was saved."""

    list_display = ("name", "state", "slots", "last_seen")
    list_filter = ("state",)
    search_fields = ("name", "public_id")
    filter_horizontal = ("teams",)
    fields = ("name", "state", "teams", "public_id", "slots", "last_seen", "created_at", "facts", "load")
    readonly_fields = ("public_id", "slots", "last_seen", "created_at", "facts", "load")
    actions = ("rotate_tokens",)

    def save_model(self, request: HttpRequest, obj: Runner, form: Any, change: bool) -> None:
        token = "" if change else obj.new_token()
        before = Runner.objects.filter(pk=obj.pk).values_list("state", flat=True).first() if change else None
        super().save_model(request, obj, form, change)
        if before is not None and before != obj.state:
            detail = {"before": before, "after": obj.state}
            RunnerAct.objects.create(runner=obj, user_id=request.user.pk, verb="state", detail=detail)
        if token:
            self._show(request, obj, token)

    @admin.action(description="Make new tokens (the old ones stop working)", permissions=["change"])
    def rotate_tokens(self, request: HttpRequest, runners: Any) -> None:
        for runner in runners:
            token = runner.new_token()
            runner.save(update_fields=["token_hash"])
            self._show(request, runner, token)

    def _show(self, request: HttpRequest, runner: Runner, token: str) -> None:
        self.message_user(request, f"Token of {runner.name}: {token}. It is shown only now; copy it.", messages.WARNING)


@admin.register(RunnerAct)
class RunnerActAdmin(_RunnerActAdmin):
    """What was done with runners: to be read, never changed."""

    list_display = ("at", "runner", "verb", "user")
    list_filter = ("verb",)
    search_fields = ("runner__name", "runner__public_id")
    list_select_related = ("runner", "user")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: RunnerAct | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RunnerAct | None = None) -> bool:  # noqa: ARG002
        return False


@admin.register(Quota)
class QuotaAdmin(_QuotaAdmin):
    """What a team may use of the fleet's GPUs. The scheduler's next round goes by it."""

    list_display = ("team", "gpus", "gpu_hours")
    search_fields = ("team__name",)
    list_select_related = ("team",)
