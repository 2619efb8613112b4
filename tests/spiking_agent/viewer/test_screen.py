"""Pictures in memory, where there is no screen."""

import os
import subprocess
import sys

import pytest

from spiking_agent.viewer.screen import SCREENS, drawing_in_memory

PICTURE = """\
import gymnasium
from spiking_agent.viewer.screen import drawing_in_memory

env = gymnasium.make("CartPole-v1", render_mode="rgb_array")
env.reset(seed=1)
with drawing_in_memory():
    print(env.render().shape)
env.close()
"""
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about Linux")


@on_linux
def test_pictures_are_drawn_without_a_word_where_there_is_no_screen() -> None:
    hidden = (*SCREENS, "XDG_RUNTIME_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PICTURE],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "(400, 600, 3)"
    assert done.stderr == ""


@on_linux
def test_the_environment_is_as_before_afterwards(monkeypatch) -> None:
    for name in SCREENS:
        monkeypatch.delenv(name, raising=False)
    with drawing_in_memory():
        assert os.environ["SDL_VIDEODRIVER"] == "dummy"
    assert "SDL_VIDEODRIVER" not in os.environ


@pytest.mark.parametrize("name", SCREENS)
def test_what_is_said_of_a_screen_is_left_alone(name, monkeypatch) -> None:
    for other in SCREENS:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, "mine")
    before = dict(os.environ)
    with drawing_in_memory():
        assert dict(os.environ) == before
