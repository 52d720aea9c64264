"""Formats that programs write: markup, catalogues, subtitles and sheets, one a module."""

from . import po, sgml, srt, tmx, wmt_xml, xliff, xlsx

FORMATS = tmx, xliff, po, sgml, wmt_xml, srt, xlsx
"""Each has ``NAME ENDINGS recognises(name, head)`` and ``read(path, content, wanted)``; what holds
one side, SGML and SubRip, ``read_two(source, target, wanted)``, each a name and its bytes."""
