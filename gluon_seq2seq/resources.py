"""Where the data that comes with the package is."""

from pathlib import Path


def data_folder():
    """The bundled ``data/``: inside the installed package, or beside it in a checkout."""
    installed = Path(__file__).parent / "data"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "data"
