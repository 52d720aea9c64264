"""A run directory: numbered folders, each written whole or not at all.

``DIR/model-0003/`` is the best model so far: ``model.params``, ``config.json``,
``src_vocab.json``, ``tgt_vocab.json``. ``DIR/checkpoint-0007/`` is where training stands
(:mod:`.train_state`): the same files of the model as it is now, ``optimizer.params`` and
``state.json``. ``manifest.json`` in each has the SHA-256 of every file. A folder is written
under another name, flushed to disk, and then renamed; the one before it stays beside it.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

import numpy as np

from .. import __version__, runtime
from ..errors import ModelError, SystemProblem, UsageError
from ..files import foreign
from ..model.checks import check_model
from ..resources import data_folder
from ..translation import exported
from ..translation.tables import shortlist

FORMAT = 1
FILES = ("model.params", "config.json", "src_vocab.json", "tgt_vocab.json")
KEEP = 2
GRAD_REQS = "write", "add", "null"
SHIPPED = ("mini-bahdanau2015", "mini-luong2015", "mini-book")  # small, in data/models


def save_model(model, directory):
    """Write ``model`` as the newest of ``directory``; returns the folder.

    Raises :class:`ModelError` for a model put together by hand, of which only its parameters can
    be saved (:func:`~gluon_seq2seq.model.saved.save_parameters`), :class:`SystemProblem` when it
    cannot be written.
    """
    with publishing(directory, "model") as draft:
        write_model(model, draft)
    return draft.with_name(draft.stem[1:])  # where it is now


def load_model(directory, device="auto", grad_req="write"):
    """The newest model of a run directory, hybridized, on ``device``; or the model that an exported
    folder is.

    Where ``directory`` is none, it may name a model that comes with the package: see
    :data:`SHIPPED` and data/models. ``grad_req``, Gluon's: with "null" the model has no room for
    gradients, as much as its weights take, and cannot be trained. A folder of ``export`` with ONNX
    graphs gives an :class:`~.exported.ExportedModel`, which needs onnxruntime and loads no MXNet:
    it translates and scores on the CPU, and has no Blocks to train or to look into. Raises
    :class:`ModelError`, naming the file, for anything that is not as it was written,
    :class:`SystemProblem` where onnxruntime is missing, or a device that cannot be had,
    :class:`UsageError` for a ``grad_req`` that Gluon does not have.
    """
    if grad_req not in GRAD_REQS:
        raise UsageError(f"grad_req is {grad_req!r}: use one of {', '.join(GRAD_REQS)}")
    name, directory = str(directory), Path(directory)
    if name in SHIPPED and not directory.exists():
        directory = data_folder() / "models" / name
    folder = newest(directory, "model")
    if folder is None and exported.is_export(directory):
        if str(device).partition("(")[0] not in ("None", "auto", "cpu"):
            raise SystemProblem(
                f"device {str(device)!r} was asked for, but exported models are computed on the "
                "CPU: use device='cpu', or the model that it was exported from"
            )
        return exported.load(directory, runtime.threads())
    if folder is None:
        raise ModelError(f"{directory}: holds no model; make one with: gluon-seq2seq train")
    with blaming(folder):
        return shortlist.beside(read_model(folder, device, grad_req), directory)


@contextlib.contextmanager
def blaming(folder):
    """Say in a :class:`ModelError` what can be done when ``folder`` cannot be read."""
    try:
        yield
    except ModelError as error:
        kind, number = folder.name.split("-")
        before = [n for n in _numbered(folder.parent, kind) if n < int(number)]
        if not before:
            raise ModelError(f"{error}; train it again") from None
        raise ModelError(
            f"{error}; delete {folder} to go back to the {kind} before it, {kind}-{max(before):04d}"
        ) from None


@contextlib.contextmanager
def publishing(directory, kind):
    """Yield a folder to write files into; it becomes ``directory/kind-NNNN`` when it is whole.

    Raises :class:`SystemProblem` when it cannot be written; what was there before stays.
    """
    directory = Path(directory)
    try:
        with _one_at_a_time(directory):
            yield from _publish(directory, kind)
    except (OSError, _mxnet().base.MXNetError) as error:
        raise SystemProblem(f"cannot save the {kind} in {directory}: {_reason(error)}") from None


def _publish(directory, kind):
    number = max(_numbered(directory, kind), default=0) + 1
    folder, draft = directory / f"{kind}-{number:04d}", directory / f".{kind}-{number:04d}.draft"
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        yield draft
        manifest = {
            "format": FORMAT,
            "gluon_seq2seq": __version__,
            "mxnet": _mxnet().__version__,
            "numpy": np.__version__,
            "sha256": {path.name: foreign.sha256(path) for path in sorted(draft.iterdir())},
        }
        (draft / "manifest.json").write_text(json.dumps(manifest, indent=1), "utf-8")
        for path in (*draft.iterdir(), draft):
            _flush(path)
        os.replace(draft, folder)
        _flush(directory)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    for old in sorted(_numbered(directory, kind))[:-KEEP]:
        _discard(directory / f"{kind}-{old:04d}")


@contextlib.contextmanager
def _one_at_a_time(directory):
    """Let threads and processes save into ``directory`` one after the other."""
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a network's file system may lock no folders
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def newest(directory, kind):
    """The ``kind-NNNN`` of ``directory`` with the largest number; None where there is none."""
    number = max(_numbered(Path(directory), kind), default=None)
    return None if number is None else Path(directory) / f"{kind}-{number:04d}"


def remove(directory, kind, but=0):
    """Delete every ``kind-NNNN`` of ``directory``, but for the newest ``but`` of them."""
    numbers = sorted(_numbered(Path(directory), kind))
    for number in numbers[: len(numbers) - but]:
        _discard(Path(directory) / f"{kind}-{number:04d}")


@contextlib.contextmanager
def replacing(directory, kind):
    """Delete every ``kind-NNNN`` of ``directory`` if what is done within succeeds; until then they
    are put away, and come back where it fails."""
    folders = [Path(directory) / f"{kind}-{n:04d}" for n in _numbered(Path(directory), kind)]
    away = [folder.with_name(f".{folder.name}.before") for folder in folders]
    for left in Path(directory).glob(f".{kind}-*.before"):  # by a process that was killed here
        shutil.rmtree(left, ignore_errors=True)
    for folder, hidden in zip(folders, away):
        os.replace(folder, hidden)
    try:
        yield
    except BaseException:
        for folder, hidden in zip(folders, away):
            os.replace(hidden, folder)
        raise
    for hidden in away:
        shutil.rmtree(hidden, ignore_errors=True)


def _discard(folder):
    """Delete a folder; it is gone whole, under its name, at any moment."""
    hidden = folder.with_name(f".{folder.name}.draft")
    with contextlib.suppress(OSError):
        os.replace(folder, hidden)
        shutil.rmtree(hidden, ignore_errors=True)


def write_model(model, draft):
    """The files of a model, into a folder that :func:`publishing` yielded."""
    check_model(model)
    if model.recipe is None:
        raise ModelError(
            "only models of gluon_seq2seq.model.papers can be saved whole; use save_parameters of "
            "gluon_seq2seq.model.saved"
        )
    from ..corpus.origin import without_folders
    from ..model import saved

    config = {"recipe": model.recipe, "origin": without_folders(model.origin)}
    saved.save_parameters(model, draft / "model.params")
    (draft / "config.json").write_text(json.dumps(config, indent=1), "utf-8")
    (draft / "src_vocab.json").write_text(model.src_vocab.to_json(), "utf-8")
    (draft / "tgt_vocab.json").write_text(model.tgt_vocab.to_json(), "utf-8")


def read_model(folder, device, grad_req="write"):
    """The model that a folder holds, once every file is known to be as it was written."""
    from .. import devices
    from ..corpus.origin import checked_origin
    from ..model import saved
    from ..text.vocabulary import Vocabulary

    check_files(folder, FILES)
    devices.devices(device)  # another one is not the file's fault
    config = read_json(folder / "config.json")
    vocabs = []
    for name in ("src_vocab.json", "tgt_vocab.json"):
        try:
            vocabs.append(Vocabulary.from_json(foreign.content(folder / name)))
        except ModelError as error:
            raise ModelError(f"{folder / name}: {error}") from None
    path = folder / "config.json"
    try:
        origin = checked_origin(config["origin"])
        model = saved.build(config["recipe"], vocabs, folder / "model.params", device, grad_req)
    except (KeyError, ValueError) as error:
        raise ModelError(f"{path}: no such model: {_reason(error)}") from None
    model.origin = origin
    return model


def check_files(folder, names):
    """Raise :class:`ModelError` unless each file is the one that manifest.json lists, and none of
    them, nor the folder, a link to elsewhere."""
    if folder.is_symlink():
        raise ModelError(f"{folder}: {foreign.LINK}")
    manifest = read_json(folder / "manifest.json")
    if manifest.get("format") != FORMAT:
        raise ModelError(
            f"{folder}: format {manifest.get('format')!r}, this version reads {FORMAT}: update "
            "gluon_seq2seq"
        )
    hashes = manifest.get("sha256")
    if not isinstance(hashes, dict):
        raise ModelError(f"{folder / 'manifest.json'}: lists no files")
    for name in names:
        try:
            intact = foreign.sha256(folder / name) == hashes.get(name)
        except OSError as error:
            raise ModelError(f"{folder / name}: {_reason(error)}") from None
        if not intact:
            raise ModelError(f"{folder / name}: is not the file that was saved (SHA-256 differs)")


def prepare(directory, overwrite=False):
    """Check that ``directory`` can take a model, before hours of training and not after.

    Raises :class:`UsageError` if it holds one and ``overwrite`` is not set, :class:`SystemProblem`
    if it cannot be made or written to.
    """
    unfinished = newest(directory, "checkpoint")
    if (has_model(directory) or unfinished) and not overwrite:
        raise UsageError(
            f"{directory} holds a model already: choose another folder, or overwrite=True"
            + (", or resume=True to go on with its training" if unfinished else "")
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
    return newest(directory, "model") is not None


def _numbered(directory, kind):
    """The numbers of the ``kind-NNNN`` in ``directory``."""
    if not directory.is_dir():
        return []
    names = (re.fullmatch(rf"{kind}-(\d{{4,}})", path.name) for path in directory.iterdir())
    return [int(name[1]) for name in names if name]


def read_json(path):
    """The JSON object in a file; :class:`ModelError` where there is none."""
    try:
        value = foreign.from_json(foreign.content(path))
    except OSError as error:
        raise ModelError(f"{path}: {_reason(error)}") from None
    except ValueError as error:
        raise ModelError(f"{path}: not JSON: {_reason(error)}") from None
    if not isinstance(value, dict):
        raise ModelError(f"{path}: not a JSON object")
    return value


def _mxnet():
    """MXNet, which exported models do without."""
    import mxnet

    return mxnet


def _flush(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error):
    words = str(error).strip().split("\n")[-1]
    return getattr(error, "strerror", None) or words or type(error).__name__
