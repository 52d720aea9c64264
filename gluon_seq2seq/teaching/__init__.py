"""Lessons that check themselves, and the playground."""
