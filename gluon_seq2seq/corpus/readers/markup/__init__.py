"""Formats that programs write: markup, catalogues, subtitles and sheets, one a module."""
