"""Where a training run stands, on disk: what it takes to go on with the same bits.

A checkpoint (:mod:`.checkpoint`) has, beside the model, ``optimizer.params``, Adam's two moments
of each parameter, ``average.params``, the average of each where there is one, and ``state.json``:
the settings, a hash of the sentences and the way to them from the run directory, the epochs so far,
how many batches of the next one are done, and the number of steps. The random numbers of a run
depend on its seed and the number of the epoch (shuffling) or step (dropout) alone, so that no
generator has to be saved.
"""

import contextlib
import fcntl
import json
import math
import os
import re
from dataclasses import asdict
from pathlib import Path

from mxnet import nd

from ..corpus.origin import BUNDLED, found_from, settled
from ..errors import DataError, ModelError, SystemProblem, UsageError
from ..files import arrays, foreign
from ..model import saved
from ..settings import SETTINGS
from . import checkpoint
from .history import checked_rows

FILES = (*checkpoint.FILES, "optimizer.params", "state.json")
AVERAGE = "average.params"  # of a run that has one
KINDS = "mean", "variance"  # Adam's moments
PLACES = {"data": str, "target": (str, type(None))}
LIMITS = "epochs", "minutes", "patience"  # may be others in a run that goes on
WHERE = {"history": list, "batches": int, "loss": float, "tokens": int, "seconds": float}
WHERE.update(step=int, elapsed=float, reserve=float)


@contextlib.contextmanager
def locked(directory):
    """Keep other trainers out of ``directory``; the system lets go of it when a process dies.

    Yields a function that raises :class:`SystemProblem` once it is no longer the folder that is
    locked, but removed, and perhaps another's.
    Raises :class:`UsageError` where another one is at work, :class:`SystemProblem` where
    ``directory`` cannot be written to.
    """
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = foreign.kept(directory / ".lock")
    except OSError as error:
        raise SystemProblem(f"cannot write to {error.filename}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            found = re.match(r"\d{1,10}", lock.read(10))
            raise UsageError(
                f"{directory}: process {found[0] if found else '?'} trains there: wait for it, or "
                "choose another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()

        def check():
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.stat(directory / ".lock"), os.fstat(lock.fileno())):
                    return
            raise SystemProblem(
                f"{directory} was removed, or its .lock, while it was trained there: nothing more "
                "is saved, and what is there now is left alone"
            )

        yield check


def save(directory, step, data, where):
    """Write a checkpoint of a :class:`~.train_step.Step`; ``data``: a hash, ``where``: as WHERE."""
    with checkpoint.publishing(directory, "checkpoint") as draft:
        checkpoint.write_model(step.model, draft)
        write_moments(step.trainer, draft / "optimizer.params")
        if step.average.decay:
            write_average(step.average, draft / AVERAGE)
        state = {"settings": _stored(step), "data": data, **where}
        (draft / "state.json").write_text(json.dumps(state), "utf-8")


def begun(directory):
    """Whether a training was begun in ``directory`` and saved, or a model stands there."""
    return bool(checkpoint.newest(directory, "checkpoint")) or checkpoint.has_model(directory)


def find(directory):
    """The newest checkpoint of ``directory``, every file of it known to be whole, and its state.

    Raises :class:`UsageError` where there is none, :class:`ModelError` for damage.
    """
    folder = checkpoint.newest(directory, "checkpoint")
    if folder is None:
        raise UsageError(
            f"{directory} holds a model, but no checkpoint to go on from: begin anew with "
            "overwrite=True, or in another folder with its parameters"
            if checkpoint.has_model(directory)
            else f"{directory}: no training was begun there, there is nothing to resume"
        )
    with checkpoint.blaming(folder):
        checkpoint.check_files(folder, FILES)
        state = checkpoint.read_json(folder / "state.json")
        for name, kind in {**WHERE, "settings": dict, "data": str}.items():
            value = state.get(name)
            if type(value) is not kind or (kind in (int, float) and not 0 <= value < math.inf):
                raise ModelError(f"{folder / 'state.json'}: {name} is missing")
        try:
            checked_rows(state["history"])
        except ValueError as error:
            raise ModelError(f"{folder / 'state.json'}: {error}") from None
    return folder, state


def origin_of(directory, state, origin, given):
    """The arguments of ``load_corpus`` for the sentences of a run, of ``origin``, its model's.

    ``given``: its ``data`` and ``target``, where they are elsewhere now; what they hold is compared
    later. Raises :class:`DataError` where there is no such file, :class:`ModelError` for damage.
    """
    if not origin:
        raise ModelError(f"{directory}: its model does not say what it is trained on")
    places = state.get("places", {})  # older ones have whole paths in their origin
    if places:
        fits = isinstance(places, dict)
        if not fits or not all(isinstance(places.get(n), kind) for n, kind in PLACES.items()):
            raise ModelError(f"{directory}: the checkpoint's places are damaged")
        places = found_from(directory, places)
    places = {name: {**origin, **places}[name] for name in PLACES}
    if given:
        return {**origin, **settled(**{**places, **given})}
    for path in places.values():
        if path and path not in (*BUNDLED, "tatoeba") and not os.path.exists(path):
            raise DataError(f"{path}: no such file; give data=..., where its sentences are now")
    return {**origin, **places}


def restore(directory, step, data):
    """Put model and trainer of ``step`` where the newest checkpoint has them; returns its state.

    Before anything is touched raises what :func:`find` does, :class:`UsageError` for other
    settings than those of the run, naming them, and :class:`DataError` for other sentences.
    """
    folder, state = find(directory)
    config = checkpoint.read_json(folder / "config.json")
    if not isinstance(config.get("recipe"), dict):
        raise ModelError(f"{folder / 'config.json'}: has no recipe")
    before = {**asdict(stored_settings(folder, state)), **state["settings"], **config["recipe"]}
    model, trainer = step.model, step.trainer
    stored = {name: value for name, value in _stored(step).items() if name not in LIMITS}
    changed(directory, before, {**stored, **model.recipe})
    if state["data"] != data:
        raise DataError(
            f"{directory} was trained on other sentences: resume with the data that it began with"
        )
    for vocab, name in (model.src_vocab, "src_vocab.json"), (model.tgt_vocab, "tgt_vocab.json"):
        if vocab.to_json() != (folder / name).read_text("utf-8"):
            raise DataError(f"{directory} was trained with another vocabulary: {folder / name}")
    with checkpoint.blaming(folder):
        moments = read_moments(trainer, folder / "optimizer.params")
        means = read_average(step.average, folder) if step.average.decay else []
        saved.load_parameters(model, folder / "model.params")
    use_moments(trainer, moments, state["step"])
    step.average.arrays = means
    return state


def _stored(step):
    return {**asdict(step.settings), "workers": step.workers.count}


def stored_settings(folder, state):
    """The :class:`TrainingSettings` of a checkpoint; fields that it does not know have defaults.

    Raises :class:`ModelError` where it has others, or values that none can have.
    """
    given = {name: value for name, value in state["settings"].items() if name != "workers"}
    try:
        return SETTINGS["training"](**given)
    except (TypeError, UsageError) as error:
        raise ModelError(f"{folder / 'state.json'}: no such settings: {error}") from None


def limits(directory):
    """What :data:`LIMITS` are in the newest checkpoint of ``directory``; raises as :func:`find`."""
    settings = stored_settings(*find(directory))
    return {name: getattr(settings, name) for name in LIMITS}


def changed(directory, before, now):
    """Raise :class:`UsageError` where ``now`` names a setting that was another ``before``."""
    other = [
        f"{name} is {value}, was {before[name]}"
        for name, value in now.items()
        if name in before and before[name] != value
    ]
    if other:
        raise UsageError(
            f"{directory} cannot be resumed with other settings: {'; '.join(sorted(other))}"
        )


def write_moments(trainer, path):
    """Adam's means and variances, named as the parameters are."""
    moments = {}
    for i, both in trainer._updaters[0].states.items():
        moments.update({f"{i}:{kind}": m.asnumpy() for kind, m in zip(KINDS, both)})
    arrays.write(path, moments)


def read_moments(trainer, path):
    """``{i: (mean, variance)}`` of the trainer's parameters, once they are known to fit."""
    found, moments = saved.read_arrays(path), {}
    for i, parameter in enumerate(trainer._params):
        if parameter.grad_req == "null":
            continue
        moments[i] = tuple(_fitting(found, f"{i}:{kind}", parameter, path) for kind in KINDS)
    return moments


def use_moments(trainer, moments, steps):
    """Let ``trainer`` go on after so many steps with these moments."""
    for updater, ctx in zip(trainer._updaters, trainer._contexts):
        updater.states.update({i: _on(ctx, both) for i, both in moments.items()})
        updater.states_synced.update({i: True for i in moments})
        trainer._optimizer._set_current_context(ctx.device_id)
        trainer._optimizer._index_update_count.update({i: steps for i in moments})
    trainer._optimizer.num_update = steps


def write_average(average, path):
    """The arrays of an :class:`~.average.Average`, by the place of their parameters."""
    arrays.write(path, {str(i): mean.asnumpy() for i, mean in enumerate(average.arrays)})


def read_average(average, folder):
    """The arrays of ``average`` in a checkpoint's ``folder``, once they are known to fit."""
    checkpoint.check_files(folder, (AVERAGE,))
    path = folder / AVERAGE
    found, means = saved.read_arrays(path), []
    for i, parameter in enumerate(average.parameters):
        means += _on(parameter.list_ctx()[0], [_fitting(found, str(i), parameter, path)])
    return means


def _fitting(found, name, parameter, path):
    """The array ``name`` of those ``found`` in the file ``path``, once it is known to fit."""
    if name not in found:
        raise ModelError(f"{path}: does not fit the model: {name} is missing")
    saved.check_array(found[name], parameter, name, path)
    return found[name]


def _on(ctx, moments):
    return tuple(nd.array(moment, ctx, moment.dtype) for moment in moments)
