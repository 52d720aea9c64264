"""Checks of notebooks 0 to 7, which walk the chapter."""
