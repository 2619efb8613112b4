"""How a brain is connected to an environment: spaces to impulses, and spikes to actions.

`codec` puts an encoder of `encoders` and a decoder of `decoders` together, `names` says what their
neurons are called, and `random_play` shows what bounds are learned from. `spaces` writes spaces of
Gymnasium as JSON, `batches` handles many of their values at once.
"""

from spiking_agent.codec.codec import Codec, make_codec
from spiking_agent.codec.decoders.base import BaseDecoder, Decoder
from spiking_agent.codec.encoders.base import BaseEncoder, Encoder
from spiking_agent.codec.params import CodecParams

__all__ = [
    "BaseDecoder",
    "BaseEncoder",
    "Codec",
    "CodecParams",
    "Decoder",
    "Encoder",
    "make_codec",
]
