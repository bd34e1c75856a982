"""Make .venv and install the pinned requirements, once: `python3 scripts/bootstrap.py [dev]`.

It needs nothing but a Python, and runs on one that is too old long enough to say so (hence syntax of Python 3.5). A stamp file
remembers what was installed, so that the next start takes milliseconds and asks no network.
"""

import hashlib
import os
import subprocess
import sys
from typing import NoReturn

OLDEST = (3, 11)
NEWEST = (3, 14)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
REQUIREMENTS = {"run": "requirements.txt", "dev": os.path.join("requirements", "dev.txt")}


def fail(sentence: str) -> NoReturn:
    """End with one sentence."""
    print(sentence, file=sys.stderr)
    sys.exit(1)


def find_newer() -> NoReturn:
    """Run this script again with a newer Python from PATH; end with a sentence when there is none."""
    names = ["python3.%d" % minor for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    for name in names:
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = os.path.join(folder, name)
            # A version manager's shim may exist without its Python, so it is tried and not only looked for.
            if os.access(path, os.X_OK) and _works(path):
                os.execv(path, [path] + sys.argv)
    fail(
        "hpweb needs Python 3.11 or newer, and %s is Python %d.%d. Install a newer one, or name it: make run PYTHON=python3.12"
        % (sys.executable, sys.version_info[0], sys.version_info[1])
    )


def _works(python: str) -> bool:
    with open(os.devnull, "w") as nothing:
        try:
            return subprocess.call([python, "-c", "import venv, ensurepip"], stdout=nothing, stderr=nothing) == 0
        except OSError:
            return False


def wanted(kind: str) -> str:
    """What the stamp must say for `kind` to be installed already."""
    digest = hashlib.sha256()
    digest.update(repr(sys.version_info[:2]).encode())
    folder = os.path.join(ROOT, "requirements")
    files = [os.path.join(ROOT, "requirements.txt")]
    files += [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if kind == "dev" or name != "dev.txt"]
    for path in files:
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def stamp(kind: str) -> str:
    """Where it is remembered what was installed."""
    return os.path.join(VENV, "hpweb-%s.stamp" % kind)


def is_installed(kind: str) -> bool:
    """Whether `kind` was installed with these very requirements, into a .venv whose Python still starts."""
    try:
        with open(stamp(kind)) as file:
            return file.read() == wanted(kind) and os.path.exists(os.path.realpath(PYTHON))
    except (IOError, OSError):
        return False


def make_venv() -> None:
    """Make .venv, anew when its Python no longer starts."""
    if _works(PYTHON):
        return
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        fail(
            "Python's venv module is missing. Install it (Debian and Ubuntu: apt install python3-venv), then try again."
        )
    print("Making .venv ...")
    sys.stdout.flush()
    try:
        venv.EnvBuilder(clear=os.path.exists(VENV), with_pip=True, symlinks=True).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        fail("Could not make the virtual environment %s: %s." % (VENV, error))


def install(kind: str) -> None:
    """Install the requirements of `kind` with pip."""
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    if not sys.stdout.isatty():
        pip.append("--quiet")
    print("Installing what hpweb needs into .venv (once; some minutes, torch is the largest part) ...")
    sys.stdout.flush()
    commands = []  # type: list[list[str]]
    if os.environ.get("TORCH_INDEX"):
        with open(os.path.join(ROOT, "requirements", "runner.txt")) as file:
            torch = [line.strip() for line in file if line.startswith("torch==")]
        commands.append(pip + torch + ["--index-url", os.environ["TORCH_INDEX"]])
    commands.append(pip + ["-r", os.path.join(ROOT, REQUIREMENTS[kind])])
    commands.append(pip + ["--no-deps", "-r", os.path.join(ROOT, "requirements", "runner-no-deps.txt")])
    for command in commands:
        if subprocess.call(command) != 0:
            fail(
                "pip could not install the requirements; its own words stand above. With a network that reaches PyPI, try again."
            )
    with open(stamp(kind), "w") as file:
        file.write(wanted(kind))


def main() -> None:
    kind = "dev" if "dev" in sys.argv[1:] else "run"
    if sys.version_info < OLDEST:
        find_newer()
    if not os.access(ROOT, os.W_OK):
        fail("No permission to write to %s. Clone hpweb into a folder of your own." % ROOT)
    if is_installed(kind) or (kind == "run" and is_installed("dev")):
        return
    import fcntl

    # Two commands that start together must not install into one folder at once.
    with open(os.path.join(ROOT, ".venv.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_installed(kind):
            make_venv()
            install(kind)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
