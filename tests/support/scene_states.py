"""Every state of the viewer's picture; run this file to store the pictures anew, and look at them.

PYTHONPATH=scripts SDL_VIDEODRIVER=dummy python tests/support/scene_states.py
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

import spiking_agent
from benchmarks.cases.networks import random_organism
from spiking_agent.environments.frames import Frame
from spiking_agent.organism.organism import Organism
from spiking_agent.viewer.scene import Scene, Status, to_frame
from spiking_agent.viewer.session import Session

FOLDER = Path(__file__).parent / "pictures"
PLAYING = Status(speed=5.0)


@contextmanager
def playing(organism: Organism, **env_kwargs: object) -> Iterator[Session]:
    """Play an episode with pictures."""
    env = organism.env_source(env_kwargs=env_kwargs).make("rgb_array")
    session = Session(organism, env)
    try:
        session.start(0)
        yield session
    finally:
        session.close()
        env.close()


def _draw(session: Session, status: Status = PLAYING) -> Frame:
    return to_frame(Scene(session).draw(status))


def _champion(n_moves: int, n_ticks: int = 0, **status: object) -> Frame:
    with playing(spiking_agent.champion("senses")) as session:
        for _ in range(n_moves):
            session.finish_move()
        for _ in range(n_ticks):
            session.advance()
        return _draw(session, Status(speed=5.0, **status))  # type: ignore[arg-type]


def _tooltip() -> Frame:
    with playing(spiking_agent.champion("senses")) as session:
        for _ in range(20):
            session.finish_move()
        scene = Scene(session)
        places = ((x, y) for y in range(700, 400, -1) for x in range(470, 480))
        output = session.organism.connectome.groups[2][1]
        mouse = next(at for at in places if scene.neuron_at(at) == output)
        return to_frame(scene.draw(Status(speed=5.0, mouse=mouse)))


def _to_the_end(**env_kwargs: object) -> Frame:
    with playing(spiking_agent.champion("senses"), **env_kwargs) as session:
        while not session.has_ended:
            session.advance()
        return _draw(session)


def _other(organism: Organism, n_moves: int) -> Frame:
    with playing(organism) as session:
        for _ in range(n_moves):
            session.finish_move()
        session.advance()
        return _draw(session)


STATES: dict[str, Callable[[], Frame]] = {
    "start": lambda: _champion(0),
    "middle": lambda: _champion(400, 7),
    "won": _to_the_end,
    "lost": lambda: _to_the_end(hunger_limit=45),
    "paused": lambda: _champion(30, 3, is_paused=True),
    "help": lambda: _champion(30, 3, shows_help=True),
    "tooltip": _tooltip,
    "cartpole": lambda: _other(random_organism("CartPole-v1", n_hidden=12, density=0.4), 9),
    "neurons-512": lambda: _other(random_organism(), 6),
}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, draw in STATES.items():
        picture = Image.fromarray(draw()).quantize(255, Image.Quantize.FASTOCTREE)
        picture.save(FOLDER / f"{name}.png", optimize=True)
        print(FOLDER / f"{name}.png")
