"""How a brain is connected to an environment: spaces to impulses, and spikes to actions.

`codec` puts an encoder of `encoders` and a decoder of `decoders` together. `spaces` writes spaces
of Gymnasium as JSON, and `batches` handles many of their values at once.
"""
