"""A run of evolution: its settings, the loop, the championship, what it keeps and reports.

`config` holds the settings in sections, `recipes` chooses them for an environment. `problem` is
what a run has to solve, `loop` solves it, `championship` finds the champion. `run_directory` and
`checkpoint` keep a run, `reporters` show it.
"""
