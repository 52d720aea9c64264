"""Sentence pairs: read, cleaned, split, annotated, in batches."""

SPLITS = ("train", "dev", "test")
