"""An episode as a sequence of pictures, without a window."""

from collections.abc import Callable, Iterator

from spiking_agent.environments.frames import Frame
from spiking_agent.viewer.scene import HEIGHT, WIDTH, Scene, Status, to_frame
from spiking_agent.viewer.session import Session


def film(
    session: Session,
    seed: int,
    *,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    status: Status,
    every: int = 1,
    skip: int = 0,
    max_moves: int | None = None,
    on_picture: Callable[[], None] = lambda: None,
) -> Iterator[Frame]:
    """Play an episode and yield its pictures, the first and the last position included.

    Parameters
    ----------
    session : Session
        What is played and filmed.
    seed : int
        See `Session.start`.
    size : tuple of int
        Width and height in pixels.
    status : Status
        What the pictures show beside the session.
    every : int
        Moves from one picture to the next, >= 1; 0 yields a picture per tick.
    skip : int
        Moves before the first picture, >= 0.
    max_moves : int, optional
        Moves of the episode after which to stop, those skipped included.
    on_picture : callable
        Called before each picture but the first.

    Yields
    ------
    ndarray of uint8, shape (height, width, 3)
    """
    session.start(seed)

    def is_over() -> bool:
        return session.has_ended or session.n_moves == max_moves

    while session.n_moves < skip and not is_over():
        session.finish_move()
    scene = Scene(session, size)
    yield to_frame(scene.draw(status))
    while not is_over():
        if every == 0:
            session.advance()
        next_move = session.n_moves + every
        while session.n_moves < next_move and not is_over():
            session.finish_move()
        on_picture()
        yield to_frame(scene.draw(status))
