"""Settings of the tests: hpweb's own, in a temporary data folder, untouched by the developer's environment."""

import atexit
import os
import shutil
import tempfile

for _name in [name for name in os.environ if name.startswith("HPWEB_")]:
    del os.environ[_name]
# A worker of pytest-xdist inherits its parent's folder, and a socket's path in a folder of a folder would be too long.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
_folder = tempfile.mkdtemp(prefix="hpweb-tests-", dir=os.environ["PYTEST_DEBUG_TEMPROOT"])
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["HPWEB_DATA"] = _folder
# What tests, and the programs that they start, leave among the temporary files goes too. pytest's own folder stays, for
# people who look for a fault. PostgreSQL runs as another user, who must get in.
os.chmod(_folder, 0o711)  # noqa: PTH101
os.environ["TMPDIR"] = tempfile.tempdir = os.path.join(_folder, "t")  # noqa: PTH118
os.mkdir(tempfile.tempdir)  # noqa: PTH102
# WhiteNoise warns about a folder that is missing, and warnings are errors.
os.mkdir(os.path.join(_folder, "static"))  # noqa: PTH102, PTH118
os.environ["HPWEB_SECRET_KEY"] = "only for tests"
os.environ.setdefault("OMP_NUM_THREADS", "1")

from hpweb.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Fuzzing sends more in a minute than a person does.
API_PER_MINUTE = API_TOKEN_PER_MINUTE = 0
# Tests log in more often than people; those about limits turn them on again (hpweb.sign_in.RATE_LIMITS).
ACCOUNT_RATE_LIMITS = False
