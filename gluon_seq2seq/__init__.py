"""The encoder-decoder chapter of *Dive into Deep Learning* as Gluon Blocks.

Names are handed on from the files that define them, each loaded when it is first used: d2l and
gluonnlp take seconds to import, and not every use needs them.
"""

from importlib import import_module

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
    "LuongSettings": "settings",
    "ModelSettings": "settings",
    "SearchSettings": "settings",
    "TrainingSettings": "settings",
    "Corpus": "corpus.corpus",
    "Example": "corpus.examples",
    "Gold": "corpus.annotations",
    "load_corpus": "corpus.corpus",
    "Overlap": "corpus.overlap",
    "overlap": "corpus.overlap",
    "Tokenizer": "text.tokenizer",
    "Vocabulary": "text.vocabulary",
    "Batch": "corpus.batches",
    "Minibatches": "corpus.batches",
    "Recurrent": "model.recurrent",
    "TextbookGRU": "model.recurrent",
    "TextbookGRUCell": "model.recurrent",
    "Encoder": "model.encoder",
    "LastState": "model.encoder",
    "MaxState": "model.encoder",
    "MeanState": "model.encoder",
    "RecurrentLayer": "model.encoder",
    "Additive": "model.attention",
    "Attention": "model.attention",
    "Dot": "model.attention",
    "General": "model.attention",
    "LocalMonotonic": "model.attention",
    "LocalPredictive": "model.attention",
    "ScaledDot": "model.attention",
    "AttentionalReadout": "model.output",
    "MaxoutReadout": "model.output",
    "Readout": "model.output",
    "StateReadout": "model.output",
    "Bridge": "model.decoder",
    "Decoder": "model.decoder",
    "LuongDecoder": "model.decoder",
    "EncoderDecoder": "model.encoder_decoder",
    "bahdanau2015": "model.papers",
    "book": "model.papers",
    "cho2014": "model.papers",
    "luong2015": "model.papers",
    "sutskever2014": "model.papers",
    "SequenceLoss": "model.loss",
    "forced": "translation.scoring",
    "pharaoh": "translation.written.alignments",
    "word_attention": "translation.scoring",
    "beam": "translation.search",
    "exhaustive": "translation.search",
    "greedy": "translation.search",
    "sample": "translation.search",
    "alignment": "translation.metrics",
    "bleu": "translation.metrics",
    "by_phenomenon": "translation.metrics",
    "cross_entropy": "translation.metrics",
    "ngram_matches": "translation.metrics",
    "score": "translation.metrics",
    "sentence_bleu": "translation.metrics",
    "load_model": "training.checkpoint",
    "save_model": "training.checkpoint",
    "train": "training.loop",
    "History": "training.history",
    "Phrase": "translation.tables.phrases",
    "Shortlist": "translation.tables.shortlist",
    "learn_shortlist": "translation.tables.shortlist",
    "learn_phrases": "translation.tables.phrases",
    "read_phrases": "translation.tables.phrases",
    "Translation": "translation.translator",
    "Translator": "translation.translator",
    "translate_document": "translation.documents",
    "Playground": "teaching.playground",
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

__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module 'gluon_seq2seq' has no attribute {name!r}")
    with errors.telling_what_to_install():
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__():
    return sorted([*globals(), *__all__])
