"""Evolved spiking brains as policies for any Gymnasium environment."""
