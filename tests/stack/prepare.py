"""Run by `Stack.prepare`, as the server's program: everything that `manage.py up` does before its first process."""

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from hpweb.up import prepare  # noqa: E402
from sweeps.services.demo import seed_demo  # noqa: E402

if __name__ == "__main__":
    call_command("migrate", interactive=False, verbosity=0)
    prepare.collect_static()
    prepare.runner_token_file()
    seed_demo()
