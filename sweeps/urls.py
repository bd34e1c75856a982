"""Pages of sweeps."""

from django.urls import path

from sweeps.views import (
    acts,
    change,
    confirm,
    control,
    logs,
    script,
    sigopt,
    sweep_detail,
    sweep_form,
    sweep_list,
    trial,
    trial_acts,
    trials_export,
    trials_marks,
    trials_part,
    trials_views,
)

app_name = "sweeps"
urlpatterns = [
    path("", sweep_list.sweep_list, name="list"),
    path("rows/", sweep_list.changed_rows, name="rows"),
    path("bulk/", acts.bulk, name="bulk"),
    # The form: sweep_form.py.
    path("new/", sweep_form.create, name="create"),
    path("from-sigopt/", sigopt.convert, name="sigopt-convert"),
    path("<str:public_id>/edit/", sweep_form.edit, name="edit"),
    path("<str:public_id>/review/", sweep_form.review, name="review"),
    path("<str:public_id>/delete/", sweep_form.delete, name="delete"),
    # The page and its verbs.
    path("<str:public_id>/", sweep_detail.sweep_detail, name="detail"),
    path("<str:public_id>/start/", control.start, name="start"),
    path("<str:public_id>/stop/", control.stop, name="stop"),
    path("<str:public_id>/cancel/", control.cancel, name="cancel"),
    path("<str:public_id>/clone/", control.clone, name="clone"),
    path("<str:public_id>/model/", control.model_download, name="model-download"),
    # Further verbs of sweeps and trials.
    path("<str:public_id>/pause/", acts.pause, name="pause"),
    path("<str:public_id>/resume/", acts.resume, name="resume"),
    path("<str:public_id>/archive/", acts.archive, name="archive"),
    path("<str:public_id>/restore/", acts.restore, name="restore"),
    path("<str:public_id>/remove/", acts.remove, name="remove"),
    path("<str:public_id>/confirm/", confirm.confirm, name="confirm"),
    path("<str:public_id>/change/", change.change, name="change"),
    # The table of trials: trials_part.py.
    path("<str:public_id>/trials/", trials_part.part, name="trials"),
    path("<str:public_id>/trials/numbers/", trials_part.numbers, name="trials-numbers"),
    path("<str:public_id>/trials/columns/", trials_views.columns, name="trials-columns"),
    path("<str:public_id>/trials/views/", trials_views.save, name="trials-views"),
    path("<str:public_id>/trials/views/<str:view_id>/delete/", trials_views.delete, name="trials-view-delete"),
    path("<str:public_id>/trials/marks/", trials_marks.marks, name="trials-marks"),
    path("<str:public_id>/trials/file.<str:form>", trials_export.export, name="trials-export"),
    path("<str:public_id>/trials/<int:number>/note/", trials_marks.note, name="trial-note"),
    # Verbs of single trials.
    path("<str:public_id>/trials/add/", trial_acts.add, name="trial-add"),
    path("<str:public_id>/trials/bulk/", trial_acts.bulk, name="trial-bulk"),
    path("<str:public_id>/trials/<int:number>/change/", trial_acts.change, name="trial-change"),
    path("<str:public_id>/trials/<int:number>/retry/", trial_acts.retry, name="trial-retry"),
    path("<str:public_id>/trials/<int:number>/stop/", trial_acts.stop, name="trial-stop"),
    path("<str:public_id>/trials/<int:number>/prune/", trial_acts.prune, name="trial-prune"),
    path("<str:public_id>/trials/<int:number>/remove/", trial_acts.remove, name="trial-remove"),
    # The same without hpweb.
    path("<str:public_id>/python/", script.script, name="script"),
    path("<str:public_id>/python/file/", script.script_file, name="script-file"),
    path("<str:public_id>/trials/<int:number>/python/", script.script, name="trial-script"),
    path("<str:public_id>/trials/<int:number>/python/file/", script.script_file, name="trial-script-file"),
    # What was printed and logged.
    path("<str:public_id>/logs/", logs.logs, name="logs"),
    path("<str:public_id>/logs/file/", logs.logs_file, name="logs-file"),
    path("<str:public_id>/trials/<int:number>/logs/", logs.logs, name="trial-logs"),
    path("<str:public_id>/trials/<int:number>/logs/file/", logs.logs_file, name="trial-logs-file"),
    path("<str:public_id>/trials/<int:number>/", trial.trial_detail, name="trial"),
]
