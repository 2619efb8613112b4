"""The viewer: ticks of a brain, with a picture of each."""

import os
from collections.abc import Callable
from functools import partial
from itertools import count

import spiking_agent
from benchmarks.cases.networks import random_organism
from benchmarks.harness.results import PICTURES, Row
from benchmarks.harness.scale import Scale
from benchmarks.harness.timing import Contender, race
from spiking_agent.organism.organism import Organism
from spiking_agent.viewer.scene import HEIGHT, WIDTH, Scene, Status
from spiking_agent.viewer.session import Session

CASES: tuple[tuple[str, Callable[[], Organism], float], ...] = (
    ("grown champion", partial(spiking_agent.champion, "grown"), 30.0),
    ("senses champion", partial(spiking_agent.champion, "senses"), 60.0),
    ("512 neurons", random_organism, 30.0),
)


def viewer(scale: Scale) -> list[Row]:
    """Time drawing: the brains of the package, and a large one with hidden neurons."""
    os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
    return [_row(case, make(), mark, scale) for case, make, mark in CASES]


def _row(case: str, organism: Organism, mark: float, scale: Scale) -> Row:
    n_pictures = scale.pick(200, 3)
    with organism.make_env(render_mode="rgb_array") as env:
        session = Session(organism, env)
        try:
            work = _work(session, n_pictures)
            samples = race([Contender(name=case, work=work)], scale.repeats)[case]
        finally:
            session.close()
    connectome = organism.connectome
    return Row.of(
        PICTURES,
        samples,
        name="viewer",
        case=case,
        what=f"a tick and its picture of {WIDTH} x {HEIGHT} pixels, without a window; a brain of "
        f"{connectome.n_neurons} neurons and {connectome.n_synapses:,} synapses",
        mark=mark,
    )


def _work(session: Session, n_pictures: int) -> Callable[[], int]:
    seeds = count()
    session.start(next(seeds))
    scene, status = Scene(session), Status(speed=5.0)

    def work() -> int:
        for _ in range(n_pictures):
            if session.has_ended:
                session.start(next(seeds))
            session.advance()
            scene.draw(status)
        return n_pictures

    return work
