"""Where address and token come from, and how they are kept."""

import stat
from pathlib import Path

import pytest

from hpweb.client.errors import NoSettings
from hpweb.client.settings import Settings, forget_settings, keep_settings, read_settings, settings_file


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("HPWEB_URL", raising=False)
    monkeypatch.delenv("HPWEB_TOKEN", raising=False)
    return tmp_path


def test_what_is_kept_is_for_this_person_alone(home: Path) -> None:
    with pytest.raises(NoSettings, match="No server is named"):
        read_settings()
    path = keep_settings(Settings("https://a", "hpt_secret"))
    assert path == settings_file() == home / "hpweb" / "client.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_settings() == Settings("https://a", "hpt_secret")
    assert "hpt_secret" not in repr(read_settings())
    keep_settings(Settings("https://b", "hpt_other"))
    assert read_settings().url == "https://b"
    assert [forget_settings(), forget_settings()] == [True, False]


def test_the_nearest_word_counts_and_a_token_is_for_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_settings(Settings("https://a", "hpt_a"))
    assert read_settings("https://a/") == Settings("https://a", "hpt_a")
    with pytest.raises(NoSettings, match="no token for https://b"):
        read_settings("https://b")
    monkeypatch.setenv("HPWEB_URL", "https://c")
    monkeypatch.setenv("HPWEB_TOKEN", "hpt_c")
    assert read_settings() == Settings("https://c", "hpt_c")
    assert read_settings("https://d", "hpt_d") == Settings("https://d", "hpt_d")


def test_a_broken_file_is_none() -> None:
    keep_settings(Settings("https://a", "hpt_a")).write_text("{")
    with pytest.raises(NoSettings):
        read_settings()
