"""The GraphQL operations that the W&B client cannot do without. They are told by their names; no query is parsed."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.http import JsonResponse
from django.utils import timezone

from sweeps.models import Sweep
from sweeps.services import scripts
from sweeps.wandb import runner_agent, script_agent
from sweeps.wandb.answers import Refusal, data
from sweeps.wandb.callers import Caller
from sweeps.wandb.configuration import BadConfiguration, read_configuration, script_spec
from sweeps.wandb.runs import find_run, script_job, script_sweep

Variables = Mapping[str, Any]
REPEATED_S: Final = 10.0
"""The same configuration again within this time, while nobody has joined, is a request whose answer was lost."""


def viewer(caller: Caller, _: Variables) -> JsonResponse:
    """Who the key is."""
    name = caller.user.email if caller.user else "runner"
    entity = caller.team.public_id
    known = {"id": entity, "entity": entity, "username": name, "email": name, "flags": "{}", "teams": {"edges": []}}
    return data(viewer=known)


def upsert_sweep(caller: Caller, variables: Variables) -> JsonResponse:
    """`wandb.sweep`: a sweep of a person's script."""
    if caller.user is None:
        raise Refusal("A runner's job makes no sweeps.", 403)
    if variables.get("id"):
        raise Refusal("A sweep can't be changed here; make a new one. Stop it on its page.", 400)
    try:
        configuration = read_configuration(variables.get("config"))
        spec = script_spec(configuration)
    except BadConfiguration as error:
        raise Refusal(str(error), 400) from None
    project = _text(variables.get("projectName")) or "uncategorized"
    name = _text(variables.get("displayName")) or _text(configuration.get("name")) or project
    with transaction.atomic():
        sweep = _repeated(caller, configuration)
        if sweep is None:
            sweep = scripts.open_script_sweep(team=caller.team, user=caller.user, name=name, spec=spec)
    found = {"id": sweep.public_id, "name": sweep.public_id, "project": _project(caller, project)}
    return data(upsertSweep={"sweep": found, "configValidationWarnings": []})


def create_agent(caller: Caller, variables: Variables) -> JsonResponse:
    """`wandb.agent`: a process that works on a sweep."""
    if caller.job is not None:
        return data(createAgent={"agent": {"id": runner_agent.register(caller.job, variables.get("sweep"))}})
    sweep = script_sweep(caller, variables.get("sweep"))
    try:
        job = scripts.join(sweep=sweep, host=_text(variables.get("host")) or "somewhere")
    except scripts.Ended as error:
        raise Refusal(str(error), 400) from None
    return data(createAgent={"agent": {"id": job.public_id}})


def heartbeat(caller: Caller, variables: Variables) -> JsonResponse:
    """An agent asks what to do."""
    name, listed = variables.get("id"), _listed(variables.get("runState"))
    if caller.job is not None:
        commands = runner_agent.beat(caller.job, name, listed)
    else:
        with transaction.atomic():
            commands = script_agent.beat(script_job(caller, name), listed)
    return data(agentHeartbeat={"agent": {"id": name}, "commands": json.dumps(commands)})


def upsert_bucket(caller: Caller, variables: Variables) -> JsonResponse:
    """`wandb.init`, and each change of a run's name or config."""
    name = variables.get("name")
    lines = 0
    owner = ""
    if caller.job is None:
        with transaction.atomic():
            run = find_run(caller, name)
            if run.facts:
                scripts.withdraw_outcome(job=run.job)
                scripts.begin(job=run.job, trial=run.trial)
                program = _text(variables.get("program"))
                if program and not run.job.facts.get("program"):
                    scripts.note_program(job=run.job, program=program)
            lines, owner = int(run.facts.get("lines", 0)), run.name.owner
    elif not isinstance(name, str):
        raise Refusal("name: the run's name is missing.", 400)
    bucket = {
        "id": name,
        "name": name,
        "displayName": name if caller.job else f"trial-{str(name).split('-')[1]}",
        "description": None,
        "config": variables.get("config") or "{}",
        "sweepName": owner or variables.get("sweep"),
        "historyLineCount": lines,
        "project": _project(caller, _text(variables.get("project")) or "uncategorized"),
    }
    return data(upsertBucket={"inserted": False, "bucket": bucket})


def create_run_files(_: Caller, variables: Variables) -> JsonResponse:
    """No file is taken: an upload without an address is left out."""
    files = variables.get("files")
    named = [{"name": name, "uploadUrl": None} for name in files] if isinstance(files, list) else []
    return data(createRunFiles={"runID": variables.get("run"), "uploadHeaders": [], "files": named})


OPERATIONS: Final[dict[str, Callable[[Caller, Variables], JsonResponse]]] = {
    "Viewer": viewer,
    "UpsertSweep": upsert_sweep,
    "CreateAgent": create_agent,
    "Heartbeat": heartbeat,
    "UpsertBucket": upsert_bucket,
    "CreateRunFiles": create_run_files,
}


def _repeated(caller: Caller, configuration: Mapping[str, Any]) -> Sweep | None:
    since = timezone.now() - timedelta(seconds=REPEATED_S)
    recent = Sweep.objects.filter(team=caller.team, created_by=caller.user, created_at__gte=since, jobs=None)
    found = recent.filter(spec__source="script", spec__client="wandb").order_by("-pk").first()
    return found if found is not None and (found.spec or {}).get("definition") == configuration else None


def _project(caller: Caller, name: str) -> dict[str, Any]:
    entity = caller.team.public_id
    return {"id": entity, "name": name, "entity": {"id": entity, "name": entity}}


def _listed(state: object) -> set[str]:
    try:
        found = json.loads(state) if isinstance(state, str) else state
    except (ValueError, RecursionError):
        found = None
    return {name for name in found if isinstance(name, str)} if isinstance(found, dict) else set()


def _text(value: object) -> str:
    return value.replace("\x00", "").strip()[:200] if isinstance(value, str) else ""
