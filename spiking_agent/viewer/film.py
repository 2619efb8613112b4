"""Pictures of an episode one after the other, without a window."""

from collections.abc import Callable, Iterator

from spiking_agent.episodes.frames import Frame
from spiking_agent.viewer.scene import HEIGHT, WIDTH, Scene, Status, to_frame
from spiking_agent.viewer.session import Performance


def film(
    performance: Performance,
    seed: int,
    *,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    status: Status,
    every: int = 1,
    skip: int = 0,
    max_moves: int | None = None,
    on_picture: Callable[[], None] = lambda: None,
) -> Iterator[Frame]:
    """Play an episode and give its pictures, the beginning and the end included.

    Parameters
    ----------
    performance : Performance
        Who plays.
    seed : int
        See `Performance.start`.
    size : tuple of int
        Width and height in pixels.
    status : Status
        What the pictures tell beside the performance.
    every : int
        Moves from one picture to the next, >= 1; 0 gives a picture a tick.
    skip : int
        Moves before the first picture, >= 0.
    max_moves : int, optional
        Stop after so many of the episode's moves, those skipped included.
    on_picture : callable
        Called before each picture but the first.

    Yields
    ------
    ndarray of uint8, shape (height, width, 3)
    """
    performance.start(seed)

    def is_over() -> bool:
        return performance.has_ended or performance.n_moves == max_moves

    while performance.n_moves < skip and not is_over():
        performance.finish_move()
    scene = Scene(performance, size)
    yield to_frame(scene.draw(status))
    while not is_over():
        if every == 0:
            performance.advance()
        next_move = performance.n_moves + every
        while performance.n_moves < next_move and not is_over():
            performance.finish_move()
        on_picture()
        yield to_frame(scene.draw(status))
