"""The brain compiled: all neurons of many brains, tick by tick, in one kernel."""
