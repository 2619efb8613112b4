"""Whether a task and its codec can be sent to worker processes."""

from spiking_agent.codec.codec import Codec
from spiking_agent.episodes.task import Task
from spiking_agent.episodes.workers.parcel import Parcel


def check_sendable(task: Task, codec: Codec) -> None:
    """Refuse what cannot be sent to worker processes.

    Parameters
    ----------
    task : Task
        What is played.
    codec : Codec
        How brains are connected to it.

    Raises
    ------
    ValueError
        If the environment, the encoder or the decoder holds something that cannot be pickled.
    """
    try:
        Parcel((task, codec)).pack()
    except Exception as error:
        raise unsendable(task, codec, error) from error


def unsendable(task: Task, codec: Codec, error: Exception) -> ValueError:
    """Return the error for what cannot be sent.

    Parameters
    ----------
    task, codec
        See `check_sendable`.
    error : Exception
        What was raised.
    """
    parts = " and ".join(type(part).__name__ for part in (codec.encoder, codec.decoder))
    return ValueError(
        "env, encoder and decoder must be something that can be sent to worker processes, got "
        f"{task.env!r} with {parts} ({type(error).__name__}: {error}): put it into a module "
        "that can be imported, or give workers=1"
    )
