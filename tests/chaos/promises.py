"""Run as the server's program: `python -m tests.chaos.promises` prints what hpweb's own auditor finds in the whole database."""

import json

import django

django.setup()

from sweeps.models import Sweep  # noqa: E402
from sweeps.queries.audit import audit  # noqa: E402

if __name__ == "__main__":
    Sweep.objects.filter(state="draft").delete()
    print(json.dumps([str(finding) for finding in audit(at_rest=True, hashes=True)]))
