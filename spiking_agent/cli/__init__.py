"""The commands `spiking-evolve`, `spiking-evaluate`, `spiking-watch` and `spiking-report`."""
