"""A model as two graphs that need no Python of this package: of the source, and of one step.

========== ================================== ============================================
graph      inputs                             outputs
========== ================================== ============================================
``source`` ``X (N, T)``, ``valid_length       ``state (rows, N, H)`` and what every step
           (N,)``, int32                      reads, ``source_0 source_1 ...`` of N rows
``step``   ``y_prev (M,)``, int32, ``state``, ``log_p (M, V)`` in nats, ``next_state``, and
           ``source_0 ...``, of M hypotheses  with attention ``alpha (M, T)``
========== ================================== ============================================

Beside them are the vocabularies, ``model.json`` with the SHA-256 of each file, ``translate.py``, an
example, and ``words/``, the files of this package that it uses: tokenizers, search. With ONNX none
of it needs MXNet, and :func:`~gluon_seq2seq.load_model` reads the folder (:mod:`.exported`).
For the web a page has the same two graphs (:mod:`.web.folder`).
"""

import hashlib
import json
import logging
import re
import shutil
import tempfile
from pathlib import Path

from mxnet import nd

from .. import __version__
from ..corpus.origin import without_folders
from ..errors import SystemProblem, UsageError
from ..files import arrays
from ..model.checks import check_model
from ..semantics.kinds import legacy
from ..translation.exported import FORMAT, TOLD
from ..translation.model_step import Source
from .web import folder as page
from .web.as_data import check_words

PACKAGE = Path(__file__).parent.parent
WORDS = {
    ".": ["errors", "limits"],
    "files": ["__init__", "foreign"],
    "text": ["__init__", "sentences", "languages", "rules", "tokenizer", "subwords", "words"],
    "translation": ["__init__", "step", "search", "session", "exported"],
}
OURS = re.compile(
    r"(source|step)(\.onnx|-symbol\.json|-0000\.params)|(src|tgt)_vocab\.json|model\.json|translate\.py|words"
)


@legacy()
def export(model, directory, format="onnx", int8=False, overwrite=False, onnxruntime_web=None):
    """Write ``model`` as ``format``, ``"symbol"``, ``"onnx"`` or ``"web"``, into ``directory``.

    ``symbol``: ``NAME-symbol.json`` and ``NAME-0000.params``, for ``gluon.SymbolBlock.imports``;
    ``onnx``: ``NAME.onnx``, opset 13, any number of sentences and words; with ``int8`` its
    matrices have whole numbers of eight bits, a quarter of the size, but for the encoder's GRUs:
    28 to 32 % of both graphs are left at 256 units and 8,000 words, 38 to 46 % of the models that
    come along. ``web``: a page for browsers, which translates without a server, with
    onnxruntime-web, of npm, from the folder ``onnxruntime_web`` or ``node_modules``; it returns
    where that was. ``directory`` is made; with ``overwrite`` the new one takes the place of an
    earlier export when all is written. Raises :class:`UsageError` where it holds something else,
    and of subwords for the web, :class:`SystemProblem` when it cannot be written or ONNX or
    onnxruntime-web is not installed, :class:`ModelError` for a Block of yours that has no ONNX
    counterpart.
    """
    check_model(model)
    if format not in FORMATS:
        raise UsageError(f"unknown format {format!r}: use {' or '.join(FORMATS)}")
    if int8 and FORMATS[format] is not _write_onnx:
        raise UsageError("int8 is for ONNX alone, and for the web")
    web, runtime = format == "web", None
    if onnxruntime_web is not None and not web:
        raise UsageError("onnxruntime_web is for the web alone")
    if web:
        check_words(model)
        runtime = page.onnxruntime_web(onnxruntime_web)
    directory = Path(directory)
    try:
        _check_free(directory, overwrite)
        directory.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=directory.absolute().parent, prefix=f".{directory.name}."
        ) as draft:
            new, old = Path(draft, "new"), Path(draft, "old")
            new.mkdir()
            for name, (symbol, inputs, outputs) in graphs(model).items():
                parameters = _parameters(model, symbol)
                FORMATS[format](new / name, symbol, parameters, inputs, outputs, int8)
            for side, vocab in ("src", model.src_vocab), ("tgt", model.tgt_vocab):
                (new / f"{side}_vocab.json").write_text(vocab.to_json(), "utf-8")
            if web:
                page.write(new, model, runtime)
            else:
                _write_example(new, model)
            if directory.exists():
                directory.replace(old)
            new.replace(directory)
    except OSError as error:
        raise SystemProblem(f"cannot write {directory}: {error.strerror}") from None
    return runtime


def _write_example(directory, model):
    """``translate.py`` with the files that it uses, and what :mod:`.exported` reads."""
    told = {
        "format": FORMAT,
        "gluon_seq2seq": __version__,
        "origin": without_folders(model.origin),
        "sha256": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(directory.iterdir())
        },
    }
    (directory / TOLD).write_text(json.dumps(told, indent=1), "utf-8")
    shutil.copy(Path(__file__).with_name("template.py"), directory / "translate.py")
    for folder, names in WORDS.items():
        (directory / "words" / folder).mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copy(PACKAGE / folder / f"{name}.py", directory / "words" / folder)


@legacy()
def graphs(model):
    """``{name: (symbol, inputs, outputs)}``; inputs: ``{name: (type, dimensions)}``, with names
    for the sizes that are free, N, T and M; outputs: their names."""
    source = Source(model, shows=True)
    few, more = (
        source(nd.ones((2, length), dtype="int32"), nd.ones((2,), dtype="int32"))
        for length in (3, 4)
    )
    inputs = {"X": ("int32", ["N", "T"]), "valid_length": ("int32", ["N"])}
    read = {
        "y_prev": ("int32", ["M"]),
        "state": ("float32", [few[0].shape[0], "M", few[0].shape[2]]),
    }
    for i, (a, b) in enumerate(zip(few[1:], more[1:])):
        sizes = [x if x == y else "T" for x, y in zip(a.shape[1:], b.shape[1:])]
        read[f"source_{i}"] = ("float32", ["M", *sizes])
    types = {"source": inputs, "step": read}
    drawn = source.drawn().items()
    return {name: (symbol, types[name], outputs) for name, (symbol, _, outputs) in drawn}


def _parameters(model, symbol):
    """The parameters of ``model`` that ``symbol`` reads, by name."""
    read = set(symbol.list_inputs())
    return {p.name: p.data() for p in model.collect_params().values() if p.name in read}


def _write_symbol(path, symbol, parameters, inputs, outputs, int8):
    Path(f"{path}-symbol.json").write_text(symbol.tojson(), "utf-8")  # not .save: see arrays
    named = {f"arg:{name}": value.asnumpy() for name, value in parameters.items()}
    arrays.write(f"{path}-0000.params", named)


def _write_onnx(path, symbol, parameters, inputs, outputs, int8):
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        from .onnx_graph import convert
    except ModuleNotFoundError as error:
        raise SystemProblem(
            f"{error.name} is not installed: pip install 'gluon-seq2seq[onnx]', or use "
            "format='symbol'"
        ) from None
    parameters = {name: value.asnumpy() for name, value in parameters.items()}
    graph = convert(symbol, parameters, inputs, outputs)
    path = path.with_name(f"{path.name}.onnx")
    path.write_bytes(graph.SerializeToString(deterministic=True))
    if int8:
        logging.disable(logging.WARNING)  # it recommends what changes nothing here
        try:
            # Signed weights, the default, overflow 16 bits on processors without VNNI.
            quantize_dynamic(str(path), str(path), weight_type=QuantType.QUInt8)
        finally:
            logging.disable(logging.NOTSET)


FORMATS = {"onnx": _write_onnx, "symbol": _write_symbol, "web": _write_onnx}
"""Name -> ``write(path, symbol, parameters, inputs, outputs, int8)``; one of your own may join.

It writes one graph to files whose names begin with ``path``: an MXNet ``symbol``, its
``parameters`` ``{name: NDArray}``, and what :func:`graphs` says of its inputs and outputs.
"""


def _check_free(directory, overwrite):
    if not directory.exists():
        return
    names = [path.name for path in directory.iterdir()] if directory.is_dir() else [""]
    if not (all(map(OURS.fullmatch, names)) or page.holds_one(directory)):
        raise UsageError(f"{directory} holds something else: choose another folder")
    if names and not overwrite:
        raise UsageError(f"{directory} holds an export: choose another folder, or overwrite=True")
