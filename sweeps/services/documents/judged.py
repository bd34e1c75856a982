"""What is wrong or odd with a sweep made of a document, at the document's own paths."""

from pydantic import ValidationError

from sweeps.models import Sweep
from sweeps.services.documents.rows import place
from sweeps.services.drafts import read_draft
from sweeps.services.specs import review
from sweeps.validation.problems import Problem
from sweeps.validation.space import check_space
from sweeps.validation.sweep import SOURCE


def judge(sweep: Sweep) -> list[Problem]:
    """As `review`, but of a row of the sweep's own space also the field: `space.learning_rate.low`."""
    _, problems = review(sweep=sweep)
    draft = read_draft(sweep)
    if draft.space is None:
        return problems
    try:
        source = SOURCE.validate_python(sweep.model.source) if sweep.model else None
    except ValidationError:
        source = None
    task = sweep.model.task if sweep.model else ""
    _, found = check_space(draft.space, task=task, source=source, processes=draft.processes)
    rows = [{"name": row.name} for row in draft.space.parameters]
    derived = [{"name": row.name} for row in draft.space.derived]
    exact = {problem.message: place(problem, rows, derived).path for problem in found}
    return [Problem(exact.get(problem.message, problem.path), problem.message, problem.warning) for problem in problems]
