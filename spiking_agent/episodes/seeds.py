"""Seeds for training, validation and results: three ranges that do not overlap."""

TRAINING_SEEDS = (0, 2**31)  # from, below
VALIDATION_SEEDS = (2**31, 3 * 2**30)
RESULT_SEEDS = 3 * 2**30  # from here on; only `evaluate` plays them
