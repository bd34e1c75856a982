"""Mean, interval and test of repeats, against values that were worked out by hand."""

from typing import Any

import pytest
from django.test import Client

from sweeps.models import Trial
from sweeps.queries.confirmation import Repeated, confirmation, confirmations, estimate, said, welch
from sweeps.services.confirm import confirm_sweep
from tests.factories import Cast
from tests.sweeps.queries.table.world import add_trial
from tests.sweeps.talk import queued_sweep


def test_the_interval_is_students() -> None:
    # 1, 2, 3, 4, 5: mean 3, standard deviation sqrt(2.5); t(0.975, 4) = 2.776445, so ± 2.776445 · 1.581139 / sqrt(5).
    found = estimate([1.0, 2.0, 3.0, 4.0, 5.0])
    assert (found.n, found.mean) == (5, 3.0)
    assert found.sd == pytest.approx(1.5811388)
    assert found.low == pytest.approx(3 - 1.9632432)
    assert found.high == pytest.approx(3 + 1.9632432)
    # t(0.975, 1) = 12.7062: two values tell very little.
    assert estimate([0.8, 0.9]).high == pytest.approx(0.85 + 12.706205 * 0.05)
    assert estimate([0.5]) == estimate([0.5]).__class__(1, 0.5)
    assert (estimate([]).n, estimate([]).mean) == (0, None)
    same = estimate([0.25] * 3)
    assert (same.sd, same.low, same.high) == (0.0, 0.25, 0.25)


def test_the_test_is_welchs() -> None:
    # Means 3 and 6, variances 2.5 and 10, five each: t = −3 / sqrt(2.5) = −1.897367, degrees of freedom
    # 2.5² / (0.5²/4 + 2²/4) = 5.882353, of which the two-sided p is 0.107531.
    assert welch([1, 2, 3, 4, 5], [2, 4, 6, 8, 10]) == pytest.approx(0.107531, abs=1e-6)
    assert welch([1.0], [1.0, 2.0]) is None
    assert welch([1.0, 1.0], [1.0, 1.0]) == 1.0
    assert welch([1.0, 1.0], [2.0, 2.0]) == 0.0


def repeated(number: int, values: list[float]) -> Repeated:
    return Repeated(Trial(number=number), {}, values, estimate(values), len(values), 0, None)


def test_it_says_whether_first_and_second_can_be_told_apart() -> None:
    close = [repeated(3, [1, 2, 3, 4, 5]), repeated(7, [2, 4, 6, 8, 10])]
    assert said(close, over=True) == (
        "Trial 3 and trial 7 cannot be told apart: their means differ by 3, and chance alone gives as much or more in 11 of "
        "100 such comparisons (Welch's t-test, p = 0.11). Take the cheaper one, or repeat them with more seeds."
    )
    far = [repeated(3, [0.9, 0.91, 0.92]), repeated(7, [0.5, 0.51, 0.52])]
    assert said(far, over=False) == (
        "Trial 3 is better than trial 7 so far: their means differ by 0.4, which chance alone seldom gives (Welch's t-test, "
        "p < 0.001)."
    )
    assert "too few values yet" in said([repeated(0, [1.0, 2.0]), repeated(1, [1.0])], over=False)
    assert said([repeated(0, [1.0, 2.0])], over=True) == "There is one parameter set only, so nothing to tell apart."
    assert said([], over=True) == ""


@pytest.mark.django_db
def test_repeats_are_gathered_by_what_they_repeat_and_the_best_mean_is_first(cast: Cast, client: Client) -> None:
    parent = queued_sweep(cast.team)
    for number, value in enumerate((0.80, 0.90, 0.95)):
        add_trial(parent, number, values=[value], params={"learning_rate": 0.001 * (number + 1)}, seed=42)
    child = confirm_sweep(sweep=parent, user=cast.alice, best=2, seeds=3)
    values: dict[int, list[Any]] = {2: [0.7, 0.8, None], 1: [0.9, 0.92, 0.91]}
    for trial in Trial.objects.filter(sweep=child).select_related("repeats").order_by("-number"):
        assert trial.repeats is not None
        value = values[trial.repeats.number].pop()
        trial.state, trial.value = ("fail", None) if value is None else ("complete", value)
        trial.save()
    found = confirmation(child)
    assert [(one.trial and one.trial.number, sorted(one.values), one.planned, one.failed) for one in found.sets] == [
        (1, [0.9, 0.91, 0.92], 3, 0),
        (2, [0.7, 0.8], 3, 1),
    ]
    assert [one.before for one in found.sets] == [0.9, 0.95]
    assert found.sets[0].params == {"learning_rate": 0.002}
    assert found.sets[0].drawn is not None
    assert found.sets[0].estimate.mean == pytest.approx(0.91)
    assert (
        [one.sweep.pk for one in confirmations(parent)] == [child.pk] == [one.sweep.pk for one in confirmations(child)]
    )

    client.force_login(cast.vera)
    shown = client.get(f"/sweeps/{parent.public_id}/").content.decode()
    assert "The best confirmed with other seeds" in shown
    assert found.says.split("(")[0].strip() in shown
    assert "repeats the best of" in client.get(f"/sweeps/{child.public_id}/").content.decode()
    told = client.get(f"/api/v1/sweeps/{parent.public_id}/confirm/").json()["confirmations"][0]
    assert (told["sweep"], told["sets"][0]["trial"], told["sets"][0]["n"]) == (child.public_id, 1, 3)
    client.force_login(cast.charlie)
    assert client.get(f"/api/v1/sweeps/{parent.public_id}/confirm/").status_code == 404

    parent.delete()
    child.refresh_from_db()
    (left,) = confirmations(child)
    assert [(one.trial, len(one.values)) for one in left.sets] == [(None, 3), (None, 2)]
    client.force_login(cast.vera)
    assert "a deleted trial" in client.get(f"/sweeps/{child.public_id}/").content.decode()
