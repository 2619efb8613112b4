"""The settings that we start from: chosen by the environment, each recipe in a file of its own."""
