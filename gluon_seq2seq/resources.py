"""Where what comes with the package is: its data and its notebooks."""

from pathlib import Path


def data_folder():
    """The bundled ``data/``: inside the installed package, or beside it in a checkout."""
    installed = Path(__file__).parent / "data"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "data"


def notebooks_folder():
    """The notebooks that students are given, ``en/`` and ``zh/``, at the same two places."""
    installed = Path(__file__).parent / "notebooks"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "notebooks"
