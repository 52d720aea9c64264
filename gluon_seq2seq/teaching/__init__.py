"""Lessons that check themselves, the playground and its page."""
