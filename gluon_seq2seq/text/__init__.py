"""Sentence <-> tokens <-> ids."""
