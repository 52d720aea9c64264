"""From sentence pairs to a model: steps, schedules, checkpoints, workers."""
