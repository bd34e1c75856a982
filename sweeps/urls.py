"""Pages of sweeps."""

from django.urls import path

from sweeps.views import control, logs, script, sigopt, sweep_detail, sweep_form, sweep_list, trial

app_name = "sweeps"
urlpatterns = [
    path("", sweep_list.sweep_list, name="list"),
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
