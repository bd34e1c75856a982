"""Which server, and with which token: from the environment, or from what `hpweb login` has kept."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from hpweb.client.errors import NoSettings

LOGIN = "Log in once (hpweb login URL), or set HPWEB_URL and HPWEB_TOKEN."


@dataclass(frozen=True)
class Settings:
    """The token is not part of what is printed."""

    url: str
    token: str

    def __repr__(self) -> str:
        return f"Settings(url={self.url!r})"


def settings_file() -> Path:
    """Where they are kept: below the person's folder for settings of programs."""
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming"))
    else:
        base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "hpweb" / "client.json"


def read_settings(url: str = "", token: str = "") -> Settings:
    """What is given goes before the environment, that before the file. Raises `NoSettings`.

    A kept token is for its own server only: with another address it is not sent.
    """
    kept = _kept()
    asked = (url or os.environ.get("HPWEB_URL", "")).rstrip("/")
    found = asked or kept.get("url", "")
    secret = token or os.environ.get("HPWEB_TOKEN", "") or (kept.get("token", "") if found == kept.get("url") else "")
    if not found:
        raise NoSettings(f"No server is named. {LOGIN}")
    if not secret:
        raise NoSettings(f"There is no token for {found}. {LOGIN}")
    return Settings(found, secret)


def keep_settings(settings: Settings) -> Path:
    """Write them so that only this person can read them."""
    path = settings_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    # Never readable for others, not even for a moment.
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"url": settings.url, "token": settings.token}, file)
    part.replace(path)
    return path


def forget_settings() -> bool:
    """Take them away. False where there were none."""
    path = settings_file()
    there = path.exists()
    path.unlink(missing_ok=True)
    return there


def _kept() -> dict[str, str]:
    try:
        found = json.loads(settings_file().read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
