"""Run as the server's program: `python -m tests.stack.make_token [ADDRESS]` prints an access token of the demo's owner.

With an address, the demo's team also gets it as its W&B server, with the token as its key.
"""

import json
import sys

import django

django.setup()

from sweeps.services.demo import seed_demo  # noqa: E402
from teams.connections import keep_secret  # noqa: E402
from teams.tokens import make_token  # noqa: E402

if __name__ == "__main__":
    demo = seed_demo()
    _, text = make_token(user=demo.owner, team=demo.team, name="test")
    if len(sys.argv) > 1:
        keep_secret(team=demo.team, user=demo.owner, name="WANDB_BASE_URL", value=sys.argv[1])
        keep_secret(team=demo.team, user=demo.owner, name="WANDB_API_KEY", value=text)
    print(json.dumps(text))
