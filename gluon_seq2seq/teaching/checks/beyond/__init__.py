"""Checks of notebooks 8 to 13, which go beyond the chapter."""
