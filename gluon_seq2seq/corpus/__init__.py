"""Sentence pairs: read, cleaned, split, annotated, in batches."""
