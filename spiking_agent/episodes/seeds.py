"""Seeds for training, validation, trials and results: ranges that do not overlap."""

TRAINING_SEEDS = (0, 2**31)  # from, below
VALIDATION_SEEDS = (2**31, 5 * 2**29)
TRIAL_SEEDS = (5 * 2**29, 3 * 2**30)  # whether a stage is mastered
RESULT_SEEDS = 3 * 2**30  # from here on; only `evaluate` plays them
