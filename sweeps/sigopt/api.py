"""The endpoint that the real SigOpt client (8.8) talks to, below `/sigopt/v1/`. Each view is one of its addresses."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from sweeps.services.refusals import Refused
from sweeps.sigopt.api_answers import experiment_answer, page_answer, project_answer, run_answer
from sweeps.sigopt.api_requests import Caller, Refusal, caller_of, read_body
from sweeps.sigopt.operations import best_runs, create_experiment, find_experiment
from sweeps.sigopt.operations_runs import begin_run, find_run, leave_when_done, tell_run

Parts = ParamSpec("Parts")
UPDATE: Final = ("MERGE", "PUT")
"""The client's contexts update a run by MERGE, its plain connection by PUT."""


def _endpoint(
    *methods: str,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Caller, Parts], dict[str, Any]]],
    Callable[Concatenate[HttpRequest, Parts], JsonResponse],
]:
    """Only these methods, with the caller known; refusals become SigOpt's errors."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, Caller, Parts], dict[str, Any]],
    ) -> Callable[Concatenate[HttpRequest, Parts], JsonResponse]:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def answer(request: HttpRequest, /, *args: Parts.args, **kwargs: Parts.kwargs) -> JsonResponse:
            try:
                caller = caller_of(request)
                if methods and request.method not in methods:
                    raise Refusal(f"Only {', '.join(methods)} is taken here.", 405)
                return JsonResponse(view(request, caller, *args, **kwargs))
            except Refusal as refusal:
                return _refused(str(refusal), refusal.status)
            except Refused as refusal:
                return _refused(refusal.message, 400)

        return answer

    return decorate


def _refused(message: str, status: int) -> JsonResponse:
    response = JsonResponse({"status": status, "message": message}, status=status)
    # An answer like any other, not worth a warning in the server's log.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001  Django's own mark
    return response


@_endpoint("GET")
def token(_: HttpRequest, caller: Caller) -> dict[str, Any]:
    """Who the key is: SigOpt's client is a team here."""
    return {"object": "token", "client": caller.team.public_id}


@_endpoint("GET")
def project(_: HttpRequest, caller: Caller, client: str, name: str) -> dict[str, Any]:
    """A project is there as soon as it is asked for."""
    _check_client(caller, client)
    return project_answer(caller.team, name)


@_endpoint("POST")
def experiments(request: HttpRequest, caller: Caller, client: str, name: str) -> dict[str, Any]:
    """A new experiment."""
    _check_client(caller, client)
    return experiment_answer(create_experiment(caller, name, read_body(request)))


@_endpoint("GET")
def experiment(_: HttpRequest, caller: Caller, name: str) -> dict[str, Any]:
    """The client asks before each run, and its loop ends when no budget remains."""
    sweep = find_experiment(caller, name)
    leave_when_done(sweep)
    return experiment_answer(find_experiment(caller, name))


@_endpoint("POST")
def training_runs(_: HttpRequest, caller: Caller, name: str) -> dict[str, Any]:
    """A new run with its assignments."""
    return run_answer(begin_run(caller, find_experiment(caller, name)))


@_endpoint("GET")
def best_training_runs(_: HttpRequest, caller: Caller, name: str) -> dict[str, Any]:
    """The best runs."""
    return page_answer(best_runs(find_experiment(caller, name)))


@_endpoint("GET", *UPDATE)
def training_run(request: HttpRequest, caller: Caller, name: str) -> dict[str, Any]:
    """A run, and what is told of it."""
    attempt = find_run(caller, name)
    if request.method in UPDATE:
        tell_run(attempt, read_body(request))
        attempt = find_run(caller, name)
    return run_answer(attempt)


@_endpoint()
def nothing(_request: HttpRequest, _caller: Caller, rest: str) -> dict[str, Any]:  # noqa: ARG001 - it is in the address
    """Anything else of SigOpt's."""
    raise Refusal("hpweb answers SigOpt's experiments, their training runs and the best of them only.", 404)


def _check_client(caller: Caller, client: str) -> None:
    if client != caller.team.public_id:
        raise Refusal("There is no such client for this key.", 404)
