"""Checks of notebooks 8 to 12, which go beyond the chapter."""
