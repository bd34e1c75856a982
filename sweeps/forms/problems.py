"""Problems of validation, put beside the fields of a form."""

from collections.abc import Callable, Iterable

from django import forms

from sweeps.validation.problems import Problem


def attach(form: forms.Form, problems: Iterable[Problem], place: Callable[[str], str]) -> list[Problem]:
    """Add each error to the field that `place` gives for its path, or above the form when the form lacks it.

    Returns the warnings, which no form refuses for.
    """
    warnings = []
    for problem in problems:
        if problem.warning:
            warnings.append(problem)
            continue
        name = place(problem.path)
        if name in form.fields:
            form.add_error(name, problem.message)
        else:
            where = f"{problem.path}: " if problem.path and problem.path not in problem.message else ""
            form.add_error(None, f"{where}{problem.message}")
    return warnings


def raw_values(form: forms.Form) -> dict[str, object]:
    """What was typed, as `initial` of another form: to show a form anew without judging it."""
    values: dict[str, object] = {}
    for name, field in form.fields.items():
        prefixed = form.add_prefix(name)
        # A control that was not on the page keeps its own default.
        if not field.widget.value_omitted_from_data(form.data, form.files, prefixed):
            values[name] = field.widget.value_from_datadict(form.data, form.files, prefixed)
    return values
