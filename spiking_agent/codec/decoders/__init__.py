"""Decoders: spikes of output neurons to actions."""
