"""What the URLs name: one of each kind, all made by the maker in one team."""

from datetime import timedelta

from django.utils import timezone

from runners.models import Runner
from sweeps.models import Comparison, Job, Sweep, Trial, Upload
from sweeps.models.marks import SavedView
from teams.models import Membership
from teams.tokens import make_token
from tests.rights.people import Crowd
from tests.sweeps.parts import make_model, make_space, make_version
from tests.sweeps.talk import queued_sweep


def things(crowd: Crowd) -> dict[str, str]:
    """What stands in an address for each kind of thing."""
    team, maker = crowd.team, crowd.users["maker"]
    sweep = queued_sweep(team)
    Sweep.objects.filter(pk=sweep.pk).update(created_by=maker)
    Trial.objects.create(sweep=sweep, number=0, state="waiting", params={"learning_rate": 1e-3})
    version, model, space = make_version(team), make_model(team, created_by=maker), make_space(team)
    for thing in (version.dataset, space):
        thing.created_by = maker
        thing.save()
    token, _ = make_token(user=maker, team=team, name="mine")
    until = timezone.now() + timedelta(days=1)
    invitation = team.invitations.create(created_by=crowd.users["owner"], token_hash="0" * 64, expires_at=until)
    return {
        "sweep": sweep.public_id,
        "version": version.public_id,
        "dataset": version.dataset.public_id,
        "model": model.public_id,
        "space": space.public_id,
        "view": SavedView.objects.create(team=team, user=maker, name="Mine", shared=True).public_id,
        "comparison": Comparison.objects.create(team=team, user=maker, name="Two", query="trials=x:0").public_id,
        "upload": Upload.objects.create(team=team, user=maker, kind="data", filename="a.csv", size=10).public_id,
        "token": token.public_id,
        "invitation": invitation.public_id,
        "membership": str(Membership.objects.get(team=team, user=crowd.users["member"]).pk),
        "email": crowd.users["member"].email,
        "job": Job.objects.create(sweep=sweep, runner=Runner.objects.get(name="gpu-1")).public_id,
        "runner": Runner.objects.get(name="gpu-1").public_id,
        "team": team.public_id,
    }
