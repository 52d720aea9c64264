"""From a model to translations, and what they are worth."""
