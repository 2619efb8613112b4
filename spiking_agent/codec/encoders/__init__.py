"""Encoders: observations to impulses of input neurons."""
