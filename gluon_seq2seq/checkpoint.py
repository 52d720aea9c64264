"""A model on disk: a run directory with numbered folders, each written whole or not at all.

``DIR/model-0003/`` holds ``model.params``, ``config.json``, ``src_vocab.json``,
``tgt_vocab.json`` and ``manifest.json`` with the SHA-256 of each. It is written under another
name, flushed to disk, and then renamed; the one before it stays beside it.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from mxnet.base import MXNetError

from . import __version__
from .corpus import data_folder
from .errors import ModelError, SystemProblem, UsageError
from .model import MODELS
from .text import Vocabulary

FORMAT = 1
FILES = ("model.params", "config.json", "src_vocab.json", "tgt_vocab.json")
KEEP = 2
SHIPPED = ("mini-bahdanau2015", "mini-luong2015", "mini-book")  # small, in data/models


def save_model(model, directory):
    """Write ``model`` as the newest of ``directory``; returns the folder.

    Raises :class:`ModelError` for a model put together by hand, of which only its parameters can
    be saved (``model.save_parameters``), :class:`SystemProblem` when it cannot be written.
    """
    if model.recipe is None:
        raise ModelError(
            "only models of gluon_seq2seq.model can be saved whole; use model.save_parameters"
        )
    directory = Path(directory)
    number = max(_numbered(directory), default=0) + 1
    folder, draft = directory / f"model-{number:04d}", directory / f".model-{number:04d}.draft"
    config = {"recipe": model.recipe, "origin": model.origin}
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        model.save_parameters(str(draft / "model.params"))
        (draft / "config.json").write_text(json.dumps(config, indent=1), "utf-8")
        (draft / "src_vocab.json").write_text(model.src_vocab.to_json(), "utf-8")
        (draft / "tgt_vocab.json").write_text(model.tgt_vocab.to_json(), "utf-8")
        manifest = {
            "format": FORMAT,
            "gluon_seq2seq": __version__,
            "sha256": {name: _sha256(draft / name) for name in FILES},
        }
        (draft / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")
        for path in (*draft.iterdir(), draft):
            _flush(path)
        os.replace(draft, folder)
        _flush(directory)
    except (OSError, MXNetError) as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise SystemProblem(f"cannot save the model in {directory}: {_reason(error)}") from None
    for old in sorted(_numbered(directory))[:-KEEP]:
        shutil.rmtree(directory / f"model-{old:04d}", ignore_errors=True)
    return folder


def load_model(directory, device="auto"):
    """The newest model of a run directory, hybridized, on ``device``.

    Where ``directory`` is none, it may name a model that comes with the package: see
    :data:`SHIPPED` and data/models. Raises :class:`ModelError`, naming the file, for anything
    that is not as it was written.
    """
    name, directory = str(directory), Path(directory)
    if name in SHIPPED and not directory.exists():
        directory = data_folder() / "models" / name
    numbers = _numbered(directory)
    if not numbers:
        raise ModelError(f"{directory}: holds no model; make one with: gluon-seq2seq train")
    folder = directory / f"model-{max(numbers):04d}"
    try:
        return _read(folder, device)
    except ModelError as error:
        before = max((n for n in numbers if n < max(numbers)), default=None)
        if before is None:
            raise ModelError(f"{error}; train it again") from None
        raise ModelError(
            f"{error}; delete {folder} to go back to the model before it, model-{before:04d}"
        ) from None


def prepare(directory, overwrite=False):
    """Check that ``directory`` can take a model, before hours of training and not after.

    Raises :class:`UsageError` if it holds one and ``overwrite`` is not set, :class:`SystemProblem`
    if it cannot be made or written to.
    """
    if has_model(directory) and not overwrite:
        raise UsageError(
            f"{directory} holds a model already: choose another folder, or --overwrite"
        )
    try:
        place = Path(directory).absolute()
        while not place.exists():
            place = place.parent
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        raise SystemProblem(f"cannot write to {directory}: {error.strerror}") from None


def has_model(directory):
    """Whether ``directory`` holds a model."""
    return bool(_numbered(Path(directory)))


def _read(folder, device):
    manifest = _json(folder / "manifest.json")
    if manifest.get("format") != FORMAT:
        raise ModelError(
            f"{folder}: format {manifest.get('format')!r}, this version reads {FORMAT}: update "
            "gluon_seq2seq"
        )
    hashes = manifest.get("sha256")
    if not isinstance(hashes, dict):
        raise ModelError(f"{folder / 'manifest.json'}: lists no files")
    for name in FILES:
        try:
            intact = _sha256(folder / name) == hashes.get(name)
        except OSError as error:
            raise ModelError(f"{folder / name}: {_reason(error)}") from None
        if not intact:
            raise ModelError(f"{folder / name}: is not the file that was saved (SHA-256 differs)")
    config = _json(folder / "config.json")
    vocabs = []
    for name in ("src_vocab.json", "tgt_vocab.json"):
        try:
            vocabs.append(Vocabulary.from_json((folder / name).read_text("utf-8")))
        except ModelError as error:
            raise ModelError(f"{folder / name}: {error}") from None
    try:
        recipe = dict(config["recipe"])
        model = MODELS[recipe.pop("name")](*vocabs, **recipe, device=device)
        model.origin = config["origin"]
    except (KeyError, TypeError) as error:
        raise ModelError(f"{folder / 'config.json'}: no such model: {error}") from None
    try:
        model.load_parameters(str(folder / "model.params"), ctx=model.ctx)
    except (MXNetError, AssertionError, ValueError) as error:
        raise ModelError(f"{folder / 'model.params'}: does not fit: {_reason(error)}") from None
    return model


def _numbered(directory):
    """The numbers of the models in ``directory``."""
    if not directory.is_dir():
        return []
    names = (re.fullmatch(r"model-(\d{4,})", path.name) for path in directory.iterdir())
    return [int(name[1]) for name in names if name]


def _json(path):
    try:
        value = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: {_reason(error)}") from None
    except ValueError as error:
        raise ModelError(f"{path}: not JSON: {error}") from None
    if not isinstance(value, dict):
        raise ModelError(f"{path}: not a JSON object")
    return value


def _sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _flush(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error):
    return getattr(error, "strerror", None) or str(error).strip().splitlines()[-1]
