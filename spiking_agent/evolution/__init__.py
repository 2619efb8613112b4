"""A run of evolution: its settings, the loop, the championship, its files and its reports.

`config` holds the settings in `sections`, `setting_names` knows them by name, and `recipes` chooses
them for an environment. `problem` is what a run has to solve, `loop` solves it, `championship`
finds the champion. `run_directory` and `checkpoint` save a run, `reporters` show it.
"""
