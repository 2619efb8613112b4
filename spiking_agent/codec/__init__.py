"""How a brain is connected to an environment: spaces to impulses, and spikes to actions.

`codec` puts an encoder of `encoders` and a decoder of `decoders` together, `names` says what their
neurons are called, and `random_play` shows what bounds are learned from. `spaces` writes spaces of
Gymnasium as JSON, `batches` handles many of their values at once.
"""
