"""Reporters of a run: the terminal, TensorBoard, and the picture of the learning curve."""
