"""The short form: every kind of fault once, in storms on one sweep each, and everything audited. `make chaos` is the long form."""

from collections.abc import Iterator

import pytest

from tests.chaos.faults import KEEPING, LOSING
from tests.chaos.rounds import DROPPED, Player
from tests.chaos.stage import Stage
from tests.stack.services import Services

pytestmark = pytest.mark.timeout(900)

QUICK = ("broker emptied", "messages doubled", "server", "network cut", "child", "answers 500", "10 MB of output")
QUICK_LOSING = ("supervisor", "everything")


@pytest.fixture(scope="module")
def player(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:
    yield from _playing(Stage(tmp_path_factory.mktemp("chaos") / "stage"))


@pytest.fixture(scope="module")
def player_on_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:
    with Services() as services:
        yield from _playing(Stage(tmp_path_factory.mktemp("chaos") / "services", services))


def _playing(stage: Stage) -> Iterator[Player]:
    try:
        stage.prepare()
        stage.start()
        yield Player(stage)
        assert stage.run("tests.chaos.promises") == []
    finally:
        stage.stop()


def test_parameters_and_values_do_not_change(player: Player) -> None:
    played = player.play("short", *QUICK)
    assert played.findings == ()
    assert played.jobs == 1


def test_another_job_goes_on(player: Player) -> None:
    assert player.play("short", DROPPED, *QUICK_LOSING).findings == ()


@pytest.mark.full
@pytest.mark.services
def test_on_postgresql_and_redis(player_on_services: Player) -> None:
    played = player_on_services.play("short", "redis restarted", "postgresql restarted", "server", "fork server")
    assert played.findings == ()
    assert played.jobs == 1


@pytest.mark.full
@pytest.mark.parametrize("target", sorted((KEEPING | LOSING).keys() - {*QUICK, *QUICK_LOSING}))
def test_each_other_fault(target: str, player: Player) -> None:
    assert player.play("short", target).findings == ()
