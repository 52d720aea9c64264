"""Translations as other programs read them."""
