"""What a job is told of its team's keys."""

import pytest

from sweeps.models import Job
from sweeps.services.claim import claim
from sweeps.services.schedule import schedule
from teams.connections import keep_secret
from tests.factories import Cast
from tests.sweeps.talk import online_runner, queued_sweep

pytestmark = pytest.mark.django_db


def test_mirrors_get_keys_under_names_of_their_own(cast: Cast) -> None:
    kept = {"WANDB_API_KEY": "k" * 40, "MLFLOW_TRACKING_URI": "https://ml.example.org", "HF_TOKEN": "hf_secret"}
    for name, value in kept.items():
        keep_secret(team=cast.team, user=cast.alice, name=name, value=value)
    online_runner(slots=3)
    # The search itself uses hpweb's own endpoint, with the job's key.
    wanted = {"all": ["wandb", "mlflow", "trackio", "tensorboard"], "local": ["tensorboard"], "none": []}
    sweeps = {
        name: queued_sweep(cast.team, report_to=mirrors, backend={"name": "wandb", "server": "hpweb"})
        for name, mirrors in wanted.items()
    }
    schedule()
    claims = {name: claim(job=Job.objects.get(sweep=sweep), claim_id="0" * 32) for name, sweep in sweeps.items()}
    own = {name: claimed.secrets.pop("WANDB_API_KEY") for name, claimed in claims.items()}
    assert all(key.startswith("hpj_") for key in own.values())
    assert claims["all"].secrets == {f"HPWEB_MIRROR_{name}": value for name, value in kept.items()}
    assert claims["local"].secrets == claims["none"].secrets == {}
    assert claims["all"].name == sweeps["all"].name
