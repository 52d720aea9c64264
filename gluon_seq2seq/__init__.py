"""The encoder-decoder chapter of *Dive into Deep Learning* as Gluon Blocks.

Names are handed on from the files that define them, each loaded when it is first used: d2l and
gluonnlp take seconds to import, and not every use needs them.
"""

import sys
from importlib import import_module
from types import ModuleType

from . import (
    compat,
    errors,
    runtime,  # noqa: F401  sets the threads, so it comes before anything loads MXNet
)

compat.activate()

__version__ = "0.1.0"

_HOME = {
    "DataError": "errors",
    "Diverged": "errors",
    "ModelError": "errors",
    "Seq2SeqError": "errors",
    "SystemProblem": "errors",
    "UsageError": "errors",
    "seed": "runtime",
    "Corpus": "corpus",
    "Example": "corpus",
    "Gold": "gold",
    "load_corpus": "corpus",
    "Tokenizer": "tokenizer",
    "Vocabulary": "text",
    "Batch": "batches",
    "Minibatches": "batches",
    "Recurrent": "recurrent",
    "TextbookGRU": "recurrent",
    "TextbookGRUCell": "recurrent",
    "Encoder": "encoder",
    "LastState": "encoder",
    "MaxState": "encoder",
    "MeanState": "encoder",
    "RecurrentLayer": "encoder",
    "Additive": "attention",
    "Attention": "attention",
    "Dot": "attention",
    "General": "attention",
    "LocalMonotonic": "attention",
    "LocalPredictive": "attention",
    "ScaledDot": "attention",
    "AttentionalReadout": "readout",
    "MaxoutReadout": "readout",
    "Readout": "readout",
    "StateReadout": "readout",
    "Bridge": "decoder",
    "Decoder": "decoder",
    "LuongDecoder": "decoder",
    "EncoderDecoder": "model",
    "bahdanau2015": "model",
    "book": "model",
    "cho2014": "model",
    "luong2015": "model",
    "sutskever2014": "model",
    "SequenceLoss": "loss",
    "forced": "loss",
    "beam": "search",
    "exhaustive": "search",
    "greedy": "search",
    "sample": "search",
    "alignment": "metrics",
    "bleu": "metrics",
    "by_phenomenon": "metrics",
    "cross_entropy": "metrics",
    "ngram_matches": "metrics",
    "score": "metrics",
    "load_model": "checkpoint",
    "save_model": "checkpoint",
    "History": "train",
    "Translation": "translate",
    "Translator": "translate",
    "Playground": "playground",
    "accuracy_by_length": "plots",
    "accuracy_by_phenomenon": "plots",
    "attention_map": "plots",
    "beam_tree": "plots",
    "hidden_states": "plots",
    "learning_curve": "plots",
    "length_histogram": "plots",
    "ngram_grid": "plots",
    "training_comparison": "plots",
}

__all__ = sorted([*_HOME, "train"])


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'gluon_seq2seq' has no attribute {name!r}")
    with errors.telling_what_to_install():
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted([*globals(), *__all__])


class _Package(ModuleType):
    """Keeps ``gluon_seq2seq.train`` the function: importing the file train.py would rebind it."""

    @property
    def train(self):
        with errors.telling_what_to_install():
            return import_module(".train", __name__).train

    @train.setter
    def train(self, module):
        pass


sys.modules[__name__].__class__ = _Package
