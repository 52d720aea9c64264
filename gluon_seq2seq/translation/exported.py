r"""An exported folder as a model: its two graphs on onnxruntime, without MXNet.

========== =================================== ==========================================
graph      inputs                              outputs
========== =================================== ==========================================
``source`` ``X (N, T)``, ``valid_length (N,)`` ``state (rows, N, H)``, ``source_0 ...`` of N
``step``   ``y_prev (M,)``, ``state``,         ``log_p (M, V)``, ``next_state``, with attention
           ``source_0 ...`` of M               ``alpha (M, T)``, too
========== =================================== ==========================================

Beside them are both vocabularies and ``model.json``: the format, the SHA-256 of each file, and what
the model was trained on. Exports from before there was one have neither that nor alpha. This file
is copied into the folder, too, where ``translate.py`` uses it.
"""

import hashlib
import threading
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from ..errors import ModelError
from ..files import foreign
from ..text.tokenizer import BOS, PAD, UNK
from ..text.words import Words
from .session import ANEW, Graph

FORMAT = 1
TOLD = "model.json"
GRAPHS = "source", "step"
OF_A_PAGE = "belongs to a page for browsers: use the model that it was exported from"
NO_ALPHA = (
    "this export gives no attention: it was written before exports did; export the model anew"
)


def is_export(folder: Path) -> bool:
    """Whether ``folder`` is one that :func:`~gluon_seq2seq.export.export.export` wrote."""
    files = (f"{name}{end}" for name in GRAPHS for end in (".onnx", "-symbol.json"))
    return is_page(folder) or any((folder / name).exists() for name in (TOLD, *files))


def is_page(folder: Path) -> bool:
    """Whether ``folder`` has a page for browsers, with such graphs in its ``model/``."""
    return (folder / "sw.js").is_file() and (folder / "model" / TOLD).is_file()


def load(folder: Path, threads: int = 1) -> "ExportedModel":
    """The model that an exported ``folder`` is, for so many ``threads``.

    Raises :class:`ModelError`, which names the file, where one is not as it was written,
    :class:`SystemProblem` where onnxruntime is not installed.
    """
    if is_page(folder):
        raise ModelError(f"{folder}: {OF_A_PAGE}")
    if (folder / "step-symbol.json").exists() and not (folder / "step.onnx").exists():
        raise ModelError(f"{folder}: holds symbols, which need MXNet: export the model as ONNX")
    told = _told(folder)
    graphs = {}
    for name in GRAPHS:
        path = folder / f"{name}.onnx"
        graphs[name] = Graph(path, content(path, told), threads)
    return ExportedModel(folder, told, graphs, threads)


def _told(folder):
    """What ``model.json`` says; nothing where an older export has none."""
    path = folder / TOLD
    try:
        told = foreign.from_json(foreign.content(path))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: {getattr(error, 'strerror', None) or error}; {ANEW}") from None
    if isinstance(told, dict) and "rules" in told:  # for JavaScript, of no other use
        raise ModelError(f"{folder}: {OF_A_PAGE}")
    if not isinstance(told, dict) or not isinstance(told.get("sha256"), dict):
        raise ModelError(f"{path}: lists no files; {ANEW}")
    if told.get("format") != FORMAT:
        raise ModelError(
            f"{path}: format {told.get('format')!r}, this version reads {FORMAT}: update "
            "gluon_seq2seq"
        )
    return told


def content(path: Path, told: Dict[str, Any]) -> bytes:
    """The bytes of the file ``path``, the one that ``told``, of ``model.json``, lists."""
    try:
        found = foreign.content(path)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; {ANEW}") from None
    if told and hashlib.sha256(found).hexdigest() != told["sha256"].get(path.name):
        raise ModelError(f"{path}: is not the file that was exported (SHA-256 differs); {ANEW}")
    return found


class ExportedModel:
    """A model of ``graphs``, ``{"source": ..., "step": ...}``, functions like :class:`Graph`, and
    of the vocabularies in ``folder``; ``told``: what its ``model.json`` says; ``threads``: for how
    many it was loaded.

    It translates and scores, as :class:`~.step.Translates` says, and has no Blocks. Raises
    :class:`ModelError` where the graphs are not those of an export, or of other vocabularies.
    """

    def __init__(
        self, folder: Path, told: Dict[str, Any], graphs: Dict[str, Any], threads: int = 1
    ) -> None:
        self.folder, self.graphs, self._made_of = folder, graphs, (folder.absolute(), threads)
        self.lock = threading.Lock()
        self._origin = told.get("origin")
        self.src_vocab, self.tgt_vocab = (
            _words(folder / f"{side}_vocab.json", told) for side in ("src", "tgt")
        )
        source, step = (graphs[name] for name in GRAPHS)
        reads = [f"source_{i}" for i in range(len(step.inputs) - 2)]
        self.source_names = ["state", *reads]
        self.attends = "alpha" in step.outputs
        # Older ones have the keys, h and the mask of attention, and no alpha.
        self.why_blind = NO_ALPHA if len(reads) == 3 and not self.attends else None
        for graph, inputs, outputs in (
            (source, {"X", "valid_length"}, self.source_names),
            (step, {"y_prev", *self.source_names}, ["log_p", "next_state"]),
        ):
            if set(graph.inputs) != inputs or not set(outputs) <= set(graph.outputs):
                raise ModelError(f"{graph.path}: is no graph of an export; {ANEW}")
        V = step.outputs["log_p"][-1:]
        if V and isinstance(V[0], int) and V[0] != len(self.tgt_vocab):
            raise ModelError(
                f"{step.path}: chooses among {V[0]:,} words, the vocabulary beside it has "
                f"{len(self.tgt_vocab):,}; {ANEW}"
            )

    def __reduce__(self):  # to be copied and sent to other processes: its sessions cannot
        return load, self._made_of

    def step(self, unknown: bool = False) -> "ExportedStep":
        """Its step; ``unknown``: whether ``<unk>`` may be chosen where the source has one."""
        return ExportedStep(self, unknown)

    @property
    def origin(self) -> Optional[Dict[str, Any]]:
        """What it was trained on, the arguments of ``load_corpus``, or None."""
        from ..corpus.origin import checked_origin  # the readers of corpora, which it seldom needs

        try:
            return checked_origin(self._origin)
        except ValueError as error:
            raise ModelError(f"{self.folder / TOLD}: {error}; {ANEW}") from None

    def corpus_settings(self, data: Any = None, target: Any = None, columns: Any = None) -> Dict:
        """The arguments of ``load_corpus`` for ``data``, with ``target`` and ``columns``, or for
        what this model was trained on: :func:`~.origin.settings_of`."""
        from ..corpus.origin import settings_of

        return settings_of(self, data, target, columns)


def _words(path, told):
    try:
        return Words.from_json(content(path, told))
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


class ExportedState(NamedTuple):
    """What the step reads of each of M hypotheses."""

    s: np.ndarray  # (rows, M, H)
    source: List[np.ndarray]  # (M, ...) each
    of: np.ndarray  # (M,) the number of the sentence, whose rows of the source are all equal
    known: np.ndarray  # (M,) whether the source has no <unk>
    common: Optional[Dict[str, np.ndarray]] = None  # what else the step reads, the same for all

    def take(self, rows: np.ndarray) -> "ExportedState":
        """The state of the hypotheses ``rows``."""
        of, source = self.of[rows], self.source
        if not np.array_equal(of, self.of):
            source = [array.take(rows, axis=0) for array in source]
        s, known = self.s.take(rows, axis=1), self.known[rows]
        return self._replace(s=s, source=source, of=of, known=known)


class ExportedStep:
    r""":math:`\log P(y_{t'} \mid y_{<t'}, c)` of ``model``, an :class:`ExportedModel`, as a search
    calls it: a :class:`~.step.Reads`, with the same words as :class:`~.model_step.ModelStep`."""

    on_numpy = True

    def __init__(self, model: ExportedModel, unknown: bool = False) -> None:
        self.model, self.unknown = model, unknown
        self._forbidden = [model.tgt_vocab[token] for token in (PAD, BOS)]

    def side_by_side(self, some: bool = False) -> bool:
        """False: onnxruntime's operators have threads of their own; no export has ``some`` words to
        choose from."""
        return False

    def first(self, sources: Sequence[Sequence[int]]) -> ExportedState:
        """The state before the first word of each of ``sources``, ids."""
        model, unk = self.model, self.model.src_vocab[UNK]
        X, valid_length = _padded(sources, model.src_vocab[PAD])
        inputs = {"X": X, "valid_length": valid_length}
        graph, N = model.graphs["source"], len(sources)
        s, *source = graph(model.source_names, inputs)
        _check(graph, s.shape[1:2] == (N,) and all(array.shape[:1] == (N,) for array in source))
        known = np.array([not self.unknown or unk not in ids for ids in sources])
        return ExportedState(s, source, np.arange(N), known)

    def __call__(
        self, y_prev: np.ndarray, state: ExportedState
    ) -> Tuple[np.ndarray, ExportedState]:
        """``log_p (M, V)`` of each word after ``y_prev (M,)``, and the state after it."""
        log_p, s = self._run(["log_p", "next_state"], y_prev, state)
        log_p[:, self._forbidden] = -np.inf
        log_p[state.known, self.model.tgt_vocab[UNK]] = -np.inf
        return log_p, state._replace(s=s)

    def forced(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> Tuple[np.ndarray, np.ndarray]:
        """log P ``(N, T')`` of given translations, word by word, and alpha ``(N, T', T)``."""
        wanted = ["next_state", "log_p", *["alpha"] * self.model.attends]
        log_p = np.zeros((len(targets), max(map(len, targets))), "float32")  # (N, T')
        rows = np.arange(len(targets))
        alpha = np.zeros((*log_p.shape, max(map(len, sources))), "float32")  # (N, T', T)
        for t, (y, found, *attention) in enumerate(self._written(sources, targets, wanted)):
            log_p[:, t] = found[rows, y]
            if attention:
                alpha[:, t] = attention[0]
        return log_p, alpha

    def attention(
        self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]
    ) -> np.ndarray:
        """That alpha alone, of a model that attends: onnxruntime leaves out the output layer."""
        steps = self._written(sources, targets, ["next_state", "alpha"])
        return np.stack([alpha for _, alpha in steps], axis=1)  # (N, T', T)

    def _written(self, sources, targets, wanted):
        """Each word ``(N,)`` of ``targets``, and what is ``wanted`` of its step, after the first,
        the next state."""
        vocab, state = self.model.tgt_vocab, self.first(sources)
        Y, _ = _padded(targets, vocab[PAD])
        Y_prev, _ = _padded([[vocab[BOS], *ids[:-1]] for ids in targets], vocab[PAD])
        longest = max(map(len, sources))
        for y_prev, y in zip(Y_prev.T, Y.T):
            s, *found = self._run(wanted, y_prev, state, longest)
            yield (y, *found)
            state = state._replace(s=s)

    def _run(self, wanted, y_prev, state, longest=0):
        """What is ``wanted`` of the step after ``y_prev (M,)``; T is ``longest``."""
        graph, M, V = self.model.graphs["step"], len(y_prev), len(self.model.tgt_vocab)
        read = dict(zip(self.model.source_names, [state.s, *state.source]), y_prev=y_prev)
        read.update(state.common or {})
        shapes = {"log_p": (M, V), "next_state": state.s.shape, "alpha": (M, longest)}
        found = graph(wanted, read)
        right = (a.shape == shapes[name] and a.dtype.kind == "f" for name, a in zip(wanted, found))
        _check(graph, all(right))
        return found


def _check(graph, right):
    """Raise :class:`ModelError` unless what ``graph`` gave is ``right``: one of a file may be a
    stranger's."""
    if not right and hasattr(graph, "path"):
        raise ModelError(f"{graph.path}: gives arrays that no export gives; {ANEW}")


def _padded(rows, pad):
    """Lists of ids as an array ``(N, T)``, and their lengths ``(N,)``, both int32."""
    lengths = np.array(list(map(len, rows)), "int32")
    padded = np.full((len(rows), lengths.max()), pad, "int32")
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row
    return padded, lengths
