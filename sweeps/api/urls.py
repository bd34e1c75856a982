"""The API for people and their programs, below `/api/v1/`."""

from django.urls import URLPattern, path, re_path

from sweeps.api.analysis import AnalysisView, AttemptsView
from sweeps.api.compare import CompareCurvesView, CompareSweepsView, CompareView
from sweeps.api.confirm import ConfirmView
from sweeps.api.curves import CurvesView
from sweeps.api.frame import FrameView
from sweeps.api.library.urls import urlpatterns as library
from sweeps.api.logs import LogsView
from sweeps.api.lost import LostView
from sweeps.api.marks import MarksView
from sweeps.api.metrics import MetricsView
from sweeps.api.runner_acts import (
    ACTS,
    ActView,
    BulkRunnersView,
    JobActView,
    KeepingView,
    RegisteringView,
    RotateView,
)
from sweeps.api.runners import ReleaseView
from sweeps.api.sweeps import CloneView, SnapshotView, SweepsView, SweepTagsView, SweepView
from sweeps.api.system import SystemView
from sweeps.api.team.urls import urlpatterns as team
from sweeps.api.tokens import TokensView, TokenView
from sweeps.api.trials import BulkTrialsView, TrialsView, TrialVerbView, TrialView
from sweeps.api.uploads import UploadsView, UploadView
from sweeps.api.verbs import VERBS, BulkView, TimelineView, VerbView

app_name = "api"
# Sweeps.
sweeps: list[URLPattern] = [
    path("sweeps/", SweepsView.as_view(), name="sweep-list"),
    path("sweeps/bulk/", BulkView.as_view(), name="sweep-bulk"),
    path("sweeps/<str:public_id>/", SweepView.as_view(), name="sweep-detail"),
    path("sweeps/<str:public_id>/tags/", SweepTagsView.as_view(), name="sweep-tags"),
    path("sweeps/<str:public_id>/clone/", CloneView.as_view(), name="sweep-clone"),
    path("sweeps/<str:public_id>/snapshot/", SnapshotView.as_view(), name="sweep-snapshot"),
    path("sweeps/<str:public_id>/confirm/", ConfirmView.as_view(), name="sweep-confirm"),
    path("sweeps/<str:public_id>/curves/", CurvesView.as_view(), name="sweep-curves"),
    path("sweeps/<str:public_id>/frame/", FrameView.as_view(), name="sweep-frame"),
    path("sweeps/<str:public_id>/analysis/", AnalysisView.as_view(), name="sweep-analysis"),
    path("sweeps/<str:public_id>/attempts/", AttemptsView.as_view(), name="sweep-attempts"),
    path("sweeps/<str:public_id>/trials/", TrialsView.as_view(), name="sweep-trials"),
    path("sweeps/<str:public_id>/trials/<int:number>/metrics/", MetricsView.as_view(), name="trial-metrics"),
    path("sweeps/<str:public_id>/trials/bulk/", BulkTrialsView.as_view(), name="trial-bulk"),
    path("sweeps/<str:public_id>/trials/marks/", MarksView.as_view(), name="trial-marks"),
    path("sweeps/<str:public_id>/trials/<int:number>/", TrialView.as_view(), name="trial-detail"),
    *(
        path(
            f"sweeps/<str:public_id>/trials/<int:number>/{verb}/",
            TrialVerbView.as_view(verb=verb),
            name=f"trial-{verb}",
        )
        for verb in ("stop", "prune", "retry")
    ),
    path("sweeps/<str:public_id>/trials/<int:number>/system/", SystemView.as_view(), name="trial-system"),
    path("sweeps/<str:public_id>/timeline/", TimelineView.as_view(), name="sweep-timeline"),
    path("sweeps/<str:public_id>/logs/", LogsView.as_view(), name="sweep-logs"),
    *(path(f"sweeps/<str:public_id>/{verb}/", VerbView.as_view(verb=verb), name=f"sweep-{verb}") for verb in VERBS),
]
# Trials of any sweeps side by side.
compare: list[URLPattern] = [
    path("compare/", CompareView.as_view(), name="compare"),
    path("compare/sweeps/", CompareSweepsView.as_view(), name="compare-sweeps"),
    path("compare/curves/", CompareCurvesView.as_view(), name="compare-curves"),
]
# Uploads: sweeps/api/uploads.py.
uploads: list[URLPattern] = [
    path("uploads/", UploadsView.as_view(), name="upload-list"),
    path("uploads/<str:public_id>/", UploadView.as_view(), name="upload-detail"),
]
# The fleet, and the person's own tokens.
others: list[URLPattern] = [
    path("runners/", RegisteringView.as_view(), name="runner-list"),
    path("runners/bulk/", BulkRunnersView.as_view(), name="runner-bulk"),
    *(
        path(f"runners/jobs/<str:job>/{verb}/", JobActView.as_view(verb=verb), name=f"job-{verb}")
        for verb in ("kill", "move")
    ),
    path("runners/<str:public_id>/", KeepingView.as_view(), name="runner-detail"),
    path("runners/<str:public_id>/token/", RotateView.as_view(), name="runner-token"),
    *(path(f"runners/<str:public_id>/{verb}/", ActView.as_view(verb=verb), name=f"runner-{verb}") for verb in ACTS),
    path("runners/<str:public_id>/release/", ReleaseView.as_view(), name="runner-release"),
    path("tokens/", TokensView.as_view(), name="token-list"),
    path("tokens/<str:public_id>/", TokenView.as_view(), name="token-detail"),
]

urlpatterns = [*sweeps, *compare, *library, *uploads, *others, *team, re_path(r"", LostView.as_view(), name="lost")]
