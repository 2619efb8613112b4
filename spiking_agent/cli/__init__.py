"""The programs `spiking-evolve`, `-evaluate`, `-watch` and `-report`: arguments in, a line out."""
