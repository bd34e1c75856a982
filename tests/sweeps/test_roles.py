"""What each role may do with whose things: one table, by page and by API."""

from itertools import pairwise

import pytest
from django.test import Client

from sweeps.access import NO_WRITE, NOT_YOURS
from sweeps.models import SearchSpace, Sweep
from teams.access import RIGHTS, Right, roles_with
from teams.models import Membership, Role
from tests.factories import Cast, make_sweep, make_user
from tests.sweeps.talk import queued_sweep

pytestmark = pytest.mark.django_db


def test_each_role_has_the_rights_of_the_lesser_ones() -> None:
    by_rank = [RIGHTS[role] for role in ("viewer", "member", "admin", "owner")]
    assert [len(rights) for rights in by_rank] == [1, 2, 3, 4]
    assert all(less < more for less, more in pairwise(by_rank))
    assert roles_with(Right.MANAGE) == {"admin", "owner"}
    assert set(RIGHTS) == set(Role.values)


@pytest.mark.parametrize(
    ("who", "code"),
    [("maker", 200), ("colleague", 403), ("admin", 200), ("owner", 200), ("viewer", 403), ("stranger", 404)],
)
def test_who_controls_a_sweep(client: Client, cast: Cast, who: str, code: int) -> None:
    people = {"maker": cast.bob, "owner": cast.alice, "viewer": cast.vera, "stranger": cast.charlie}
    for role in ("member", "admin"):
        people["colleague" if role == "member" else role] = make_user()
    Membership.objects.create(team=cast.team, user=people["colleague"], role=Role.MEMBER)
    Membership.objects.create(team=cast.team, user=people["admin"], role=Role.ADMIN)
    sweep = queued_sweep(cast.team)
    client.force_login(people[who])
    answer = client.post(f"/api/v1/sweeps/{sweep.public_id}/pause/", {}, content_type="application/json")
    assert answer.status_code == code
    sweep.refresh_from_db()
    assert sweep.wanted == ("pause" if code == 200 else "run") or sweep.state == "paused"
    if code == 403:
        assert answer.json()["message"] == (NO_WRITE if who == "viewer" else NOT_YOURS)
    if code != 404:
        page = client.get(f"/sweeps/{sweep.public_id}/").content.decode()
        assert ('data-verb="cancel"' in page) == (code == 200)
        assert ('data-verb="clone"' in page) == (who != "viewer")


def test_a_member_copies_and_marks_what_others_made(client: Client, cast: Cast) -> None:
    sweep = make_sweep(cast.team, created_by=cast.alice, name="Hers")
    client.force_login(cast.bob)
    assert client.post(f"/sweeps/{sweep.public_id}/clone/").status_code == 302
    copy = Sweep.objects.get(cloned_from=sweep)
    assert copy.created_by == cast.bob
    assert client.get(f"/sweeps/{copy.public_id}/edit/").status_code == 200
    refused = client.get(f"/sweeps/{sweep.public_id}/edit/")
    assert (refused.status_code, NOT_YOURS in refused.content.decode()) == (403, True)


def test_of_many_sweeps_those_of_others_are_refused_one_by_one(client: Client, cast: Cast) -> None:
    hers, his = make_sweep(cast.team, created_by=cast.alice), make_sweep(cast.team, created_by=cast.bob)
    client.force_login(cast.bob)
    body = {"verb": "archive", "ids": [hers.public_id, his.public_id]}
    answer = client.post("/api/v1/sweeps/bulk/", body, content_type="application/json").json()
    assert answer == {"done": [his.public_id], "refused": {hers.public_id: NOT_YOURS}}


def test_a_member_changes_own_things_of_the_library_only(client: Client, cast: Cast) -> None:
    space = SearchSpace.objects.create(team=cast.team, name="Rates", space={"parameters": []}, created_by=cast.alice)
    client.force_login(cast.bob)
    assert client.get(f"/library/spaces/{space.public_id}/edit/").status_code == 403
    assert client.post(f"/library/spaces/{space.public_id}/delete/").status_code == 403
    assert client.post(f"/library/spaces/{space.public_id}/copy/").status_code == 302
    client.force_login(cast.alice)
    assert client.get(f"/library/spaces/{space.public_id}/edit/").status_code == 200
