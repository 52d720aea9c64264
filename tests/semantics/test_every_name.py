"""All that is public, under either of MXNet's semantics, with arrays of either kind.

``npx.set_np()``, on or off, or put on or off between the making of a thing and its use; ``mx.nd``
or ``mx.np`` arrays in. The numbers have to be those of the plain run, under MXNet's own flags with
``mx.nd``, which the other tests compare with formulas; arrays have to come back in the kind that
was given, and where none was, in that of the flags. The flags have to be as they were.
"""

import contextlib
import itertools
import threading
from collections import Counter
from dataclasses import replace

import mxnet as mx
import numpy as np
import pytest
from mxnet import npx
from mxnet.util import is_np_array, is_np_shape

import gluon_seq2seq as gs

OFF, SHAPE, ON = (False, False), (True, False), (True, True)  # shape, array: as set_np takes them
WAYS = [(OFF, OFF), (ON, ON), (OFF, ON), (ON, OFF), (SHAPE, SHAPE)]  # made, used
NAMES = {OFF: "off", SHAPE: "shapes", ON: "on"}
CASES = {}


def case(*names):
    """A generator that makes what it needs, yields, uses it, and returns ``{call: result}``; the
    calls are those of the public ``names``."""

    def add(function):
        CASES.update(dict.fromkeys(names, function))
        return function

    return add


class Given:
    """What the cases are given: arrays of one ``kind``, corpora, a folder; ``used``: any array."""

    used = False

    def __init__(self, kind, tiny, mini, folder):
        self.kind, self.tiny, self.mini, self.folder = kind, tiny, mini, folder
        self.random = np.random.RandomState(0)

    def array(self, values, dtype="float32"):
        self.used = True
        array = mx.nd.array(np.asarray(values), dtype=dtype)
        return array.as_np_ndarray() if self.kind == "np" else array

    def normal(self, *shape):
        return self.array(self.random.normal(size=shape))

    @property
    def ids(self):
        return self.array([[4, 5, 6, 2], [7, 2, 0, 0]], "int32")

    @property
    def lengths(self):
        return self.array([4, 2], "int32")

    @property
    def Y(self):
        return self.array([[1, 5, 4], [1, 6, 7]], "int32")


def block(make, *arguments, parts=()):
    """The case of a Block: made and initialised, called, called hybridized, called with a record
    and its gradients, and called in parts."""

    def run(given):
        gs.seed(0)
        made = make()
        made.initialize(mx.init.Normal(0.5))
        yield
        inputs = [argument(given) for argument in arguments]
        floats = [array for array in flat(inputs) if array.dtype == np.float32]
        for array in floats:
            array.attach_grad()
        results = {"call": made(*inputs)}
        with mx.autograd.record():
            first = flat(made(*inputs))[0]
            total = (first * first).sum()
        total.backward()
        parameters = made.collect_params().values()
        results["gradients"] = [array.grad.asnumpy() for array in floats]
        results["gradients"] += [p.grad().asnumpy() for p in parameters]
        results["parameters"] = NoneGiven([p.data() for p in parameters])
        made.hybridize()
        results["hybridized"] = made(*inputs)
        results["once more"] = made(*inputs)
        made.save_parameters(str(given.folder / "parameters"))
        made.load_parameters(str(given.folder / "parameters"))
        results["loaded"] = made(*inputs)
        return results

    return run


class NoneGiven(list):
    """Results of a call that was given no array."""


def flat(value):
    """The arrays of MXNet's in a result."""
    if isinstance(value, mx.nd.NDArray):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [one for v in value for one in flat(v)] if isinstance(value, (list, tuple)) else []


def plain(value):
    """A result with its arrays as NumPy's, to be compared."""
    if isinstance(value, (mx.nd.NDArray, np.ndarray)):
        return np.asarray(value.asnumpy() if isinstance(value, mx.nd.NDArray) else value)
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if key != "seconds"}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def same(found, expected):
    assert type(found) is type(expected)
    if isinstance(found, np.ndarray):
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    elif isinstance(found, list):
        assert len(found) == len(expected)
        for one, other in zip(found, expected):
            same(one, other)
    elif isinstance(found, dict):
        assert found.keys() == expected.keys()
        for key in found:
            same(found[key], expected[key])
    elif isinstance(found, float):
        assert found == pytest.approx(expected, rel=1e-5, abs=1e-6)
    else:
        assert found == expected


def h(given):
    return given.normal(2, 4, 6)


def s(given):
    return given.normal(2, 3, 6)


def ids(given):
    return given.ids


def lengths(given):
    return given.lengths


def Y(given):
    return given.Y


for name, make, *arguments in [
    ("Recurrent", lambda: gs.Recurrent(gs.TextbookGRU, 6, 5), s, lambda g: g.normal(1, 3, 5)),
    ("TextbookGRU", lambda: gs.TextbookGRU(5, 6), s),
    (
        "TextbookGRUCell",
        lambda: gs.TextbookGRUCell(5, 6),
        lambda g: g.normal(2, 6),
        lambda g: [g.normal(2, 5)],
    ),
    ("RecurrentLayer", lambda: gs.RecurrentLayer(6, 5, bidirectional=True), h, lengths),
    ("LastState", lambda: gs.LastState(bidirectional=True), h, lengths),
    ("MeanState", gs.MeanState, h, lengths),
    ("MaxState", gs.MaxState, h, lengths),
    ("Encoder", lambda: gs.Encoder(9, 4, 5, 2, reverse=True), ids, lengths),
    ("Dot", gs.Dot, s, h, lengths),
    ("ScaledDot", lambda: gs.ScaledDot(6), s, h, lengths),
    ("General", lambda: gs.General(6, 6), s, h, lengths),
    ("Additive", lambda: gs.Additive(6, 6, 5), s, h, lengths),
    ("LocalMonotonic", lambda: gs.LocalMonotonic(gs.Dot(), 1), s, h, lengths),
    ("LocalPredictive", lambda: gs.LocalPredictive(gs.Dot(), 6, 1), s, h, lengths),
    ("Readout", lambda: gs.Readout(9, 6, 6, 6), s, s, s),
    ("MaxoutReadout", lambda: gs.MaxoutReadout(9, 6, 6, 6), s, s, s),
    ("AttentionalReadout", lambda: gs.AttentionalReadout(9, 6, 6, 6), s, s, s),
    ("Bridge", lambda: gs.Bridge(6, 5, 2, 1), lambda g: g.normal(2, 6)),
    (
        "Decoder",
        lambda: gs.Decoder(9, 4, 5, 6, attention=gs.Additive(5, 6, 5)),
        Y,
        lambda g: g.normal(1, 2, 5),
        h,
        lambda g: g.normal(2, 6),
        lengths,
    ),
    (
        "LuongDecoder",
        lambda: gs.LuongDecoder(9, 4, 5, 6, attention=gs.General(5, 6), input_feeding=True),
        Y,
        lambda g: g.normal(2, 2, 5),
        h,
        lambda g: g.normal(2, 6),
        lengths,
    ),
]:
    CASES[name] = block(make, *arguments)


class Cosine(gs.Attention):
    """A score of the user's own."""

    def a(self, F, s, keys):
        unit = [F.L2Normalization(one.reshape((-3, 0))).reshape_like(one) for one in (s, keys)]
        return F.batch_dot(*unit, transpose_b=True)


CASES["Attention"] = block(Cosine, s, h, lengths)


@case("StateReadout")
def _(given):
    gs.seed(0)
    readout = gs.StateReadout(9, 6, 6, 6)
    readout.initialize()
    yield
    return {"call": readout(s(given), s(given), s(given))}


@case("SequenceLoss")
def _(given):
    loss = gs.SequenceLoss()
    yield
    logits = given.normal(2, 3, 9)
    logits.attach_grad()
    with mx.autograd.record():
        total, count = loss(logits, given.Y, given.array([3, 1], "int32"))
    total.backward()
    return {"call": (total, count), "gradient": logits.grad.asnumpy()}


def model_case(name, **settings):
    def run(given):
        gs.seed(0)
        model = getattr(gs, name)(
            given.tiny.src_vocab, given.tiny.tgt_vocab, 8, 8, drop_prob=0, device="cpu", **settings
        )
        yield
        inputs = given.ids, given.lengths, given.Y
        with mx.autograd.record():
            logits, _ = model(*inputs)
            total = (logits * logits).sum()
        total.backward()
        gradients = [p.grad().asnumpy() for p in model.collect_params().values()]
        encoded = model.encoder(*inputs[:2])
        return {
            "call": model(*inputs),
            "gradients": gradients,
            "encoder": encoded,
            "bridge": model.bridge(encoded[2]),
            "embedding": model.decoder.embedding(given.Y),
        }

    return run


MODELS = ["book", "cho2014", "sutskever2014", "bahdanau2015", "luong2015"]
CASES.update({name: model_case(name) for name in MODELS})


@case("EncoderDecoder")
def _(given):
    gs.seed(0)
    encoder, decoder = gs.Encoder(99, 4, 5), gs.Decoder(99, 4, 5, 5)
    model = gs.EncoderDecoder(encoder, decoder, given.tiny.src_vocab, given.tiny.tgt_vocab)
    model.initialize()
    yield
    return {"call": model(given.ids, given.lengths, given.Y)}


@case("Minibatches", "Batch")
def _(given):
    batches = gs.Minibatches([("I see.", "Je vois."), ("No.", "Non.")], *vocabs(given), 1)
    yield
    found = list(batches)
    own = gs.Batch(given.ids, given.lengths, given.Y, given.Y, given.lengths)
    sizes = [one.shape for one in own]
    return {"batches": NoneGiven(found), "length": len(batches), "own": own, "shapes": sizes}


@case("Vocabulary", "Tokenizer")
def _(given):
    counter = Counter(["to", "see", "to"])
    vocab = gs.Vocabulary(counter, gs.Tokenizer("en"))
    yield
    row = given.array([4, 5, 2], "int32")
    return {
        "encode": vocab.encode("to see"),
        "to_tokens": [vocab.to_tokens(row), vocab.to_tokens(list(row))],
        "decode": vocab.decode(row),
        "json": gs.Vocabulary.from_json(vocab.to_json()).idx_to_token,
    }


def vocabs(given):
    return given.tiny.src_vocab, given.tiny.tgt_vocab


def table(given):
    """A step whose log P is a table's row, and its state, an array, counted on."""
    log_table = np.log([[0.1, 0.2, 0.3, 0.4], [0.4, 0.1, 0.3, 0.2], [0.1] * 3 + [0.7], [0.25] * 4])

    def step(y_prev, state):
        if isinstance(state, mx.nd.NDArray):
            assert type(y_prev) is type(state) is type(given.ids)
        return given.array(log_table[y_prev.asnumpy()]), state + 1

    return step, given.array(np.zeros((1, 2)))


@case("greedy", "beam", "sample", "exhaustive")
def _(given):
    yield
    step, start = table(given)
    return {
        "greedy": gs.greedy(step, start, 0, 1, [4]),
        "beam": gs.beam(step, start, 0, 1, [4], 3, n_best=2),
        "sample": gs.sample(step, start, 0, 1, [4], seed=3),
        "exhaustive": gs.exhaustive(step, start, 0, 1, 3)[:5],
    }


@case("load_model", "Translator", "Translation", "SearchSettings")
def _(given):
    model = gs.load_model("mini-bahdanau2015", device="cpu")
    translator = gs.Translator(model, gs.SearchSettings(beam_size=2))
    yield
    text = "They are watching."
    found = {
        "translate": translator.translate(text),
        "search": translator.search(text, attention=True),
        "n_best": translator.n_best([text, "I see."], 2),
        "sample": translator.sample(text, seed=1),
        "force": translator.force(text, "Elles regardent."),
    }
    for picture in translator.attention_map, translator.beam_tree, translator.hidden_states:
        found[picture.__name__] = len(picture(text).axes)
    return found


@case("Playground")
def _(given):
    playground = gs.Playground()
    yield
    playground.sentence.value = "We are tired."
    return {"call": "fatigu" in playground.output.value}


@case("save_model")
def _(given):
    gs.seed(0)
    model = gs.luong2015(*vocabs(given), 8, 8, device="cpu", drop_prob=0)
    yield
    gs.save_model(model, given.folder / "model")
    again = gs.load_model(given.folder / "model", device="cpu")
    return {"again": again(given.ids, given.lengths, given.Y)}


@case("train", "History", "seed", "TrainingSettings", "ModelSettings", "LuongSettings")
def _(given):
    gs.seed(0)
    few = gs.load_corpus([(e.source, e.references[0]) for e in given.tiny.train[:24]])
    settings = gs.ModelSettings(8, 8, drop_prob=0.1)
    assert gs.LuongSettings().score
    model = gs.book(few.src_vocab, few.tgt_vocab, settings=settings, device="cpu")
    yield
    how = gs.TrainingSettings(epochs=1, batch_size=8, teacher_forcing=0.5, label_smoothing=0.1)
    history = gs.train(model, few, how, quiet=True, out=given.folder / "run")
    longer = gs.train(
        model, few, replace(how, epochs=2), resume=True, quiet=True, out=given.folder / "run"
    )
    rows = [{k: v for k, v in row.items() if k not in TIMED} for row in longer]
    return {"train": len(history), "resumed": rows, "plot": len(gs.History(longer).plot().axes)}


TIMED = "seconds", "tokens_per_s"


@case("forced", "alignment", "cross_entropy", "by_phenomenon", "score", "bleu", "ngram_matches")
def _(given):
    model = gs.load_model("mini-bahdanau2015", device="cpu")
    yield
    examples = given.mini.test[:4]
    texts = [example.references[0] for example in examples]
    pairs = [(example.source, text) for example, text in zip(examples, texts)]
    return {
        "forced": list(gs.forced(model, pairs, 2)),
        "alignment": gs.alignment(model, examples),
        "cross_entropy": gs.cross_entropy(model, examples),
        "by_phenomenon": gs.by_phenomenon(texts, examples),
        "score": gs.score(texts, texts),
        "bleu": gs.bleu("a b", "a c"),
        "ngram_matches": gs.ngram_matches("a b", "a c"),
    }


@case("sentence_bleu")
def _(given):
    yield
    return {"call": gs.sentence_bleu(["Je vois."], [["Je vois."]])}


@case("word_attention", "pharaoh")
def _(given):
    yield
    alpha = given.array([[0.9, 0.1, 0], [0.2, 0.7, 0.1], [0, 0.1, 0.9]])
    words = gs.word_attention(alpha, [("a", [0]), ("b", [1])], [("x", [0]), ("y", [1])])
    return {
        "words": words,
        "pharaoh": gs.pharaoh(given.array(words)),
        "soft": gs.pharaoh(words, "soft"),
    }


@case("learn_phrases", "read_phrases", "Phrase")
def _(given):
    model = gs.load_model("mini-luong2015", device="cpu")
    yield
    learned = gs.learn_phrases(model, [("They are watching Zoe.", "Ils regardent Zoe.")])
    assert learned and all(isinstance(one, gs.Phrase) for one in learned)
    path = given.folder / "table.tsv"
    path.write_text("".join(f"{one.source}\t{one.target}\n" for one in learned), "utf-8")
    read = gs.read_phrases(path, model.src_vocab.tokenizer)
    return {"learned": [list(one) for one in learned], "read": read}


@case("learn_shortlist", "Shortlist")
def _(given):
    model = gs.load_model("mini-luong2015", device="cpu")
    yield
    model.shortlist = gs.learn_shortlist(model, [("They are watching.", "Ils regardent.")], 2)
    assert isinstance(model.shortlist, gs.Shortlist)
    model.shortlist.always = 20
    sentences = ["They are watching."] * 9  # more than NumPy translates
    found = gs.Translator(model, shortlist=True, beam_size=2).n_best(sentences, 2)
    return {"likely": model.shortlist.likely.tolist(), "found": found}


@case("translate_document")
def _(given):
    translator = gs.Translator(gs.load_model("mini-book", device="cpu"))
    yield
    path = given.folder / "a.srt"
    path.write_text("1\n00:00:01,000 --> 00:00:02,000\nThey are watching.\n", "utf-8")
    gs.translate_document(translator, path, given.folder / "b.srt")
    return {"text": (given.folder / "b.srt").read_text("utf-8")}


@case("load_corpus", "Corpus", "Example", "Gold", "overlap", "Overlap")
def _(given):
    corpus = gs.load_corpus("tiny")
    yield
    own = gs.load_corpus(
        [("I see.", "Je vois.")] * 3 + [(f"Go {i}.", f"Va {i}.") for i in range(60)]
    )
    assert isinstance(own, gs.Corpus) and isinstance(corpus.train[0], gs.Example)
    assert isinstance(given.mini.train[0].gold, gs.Gold)
    found = gs.overlap([("I see.", "Je vois.")], own.train)
    assert isinstance(found, gs.Overlap)
    return {"vocabularies": own.tgt_vocab.idx_to_token, "overlap": list(found)}


@case(
    "attention_map",
    "hidden_states",
    "length_histogram",
    "accuracy_by_length",
    "accuracy_by_phenomenon",
    "learning_curve",
    "training_comparison",
    "ngram_grid",
    "beam_tree",
)
def _(given):
    yield
    numbers, record = given.array([3, 4, 4], "int32"), []
    step, start = table(given)
    gs.beam(step, start, 0, 1, [3], 2, record=record)
    rows = [
        {"epoch": i, "train_loss": x, "dev_loss": x, "dev_bleu": x, "seconds": i}
        for i, x in enumerate(given.array([3.0, 2.0]))
    ]
    pictures = {
        "attention_map": gs.attention_map(given.array([[0.5, 0.5], [0, 1]]), "a b", "c d"),
        "hidden_states": gs.hidden_states(given.normal(2, 3), "a b", backward=given.normal(2, 3)),
        "length_histogram": gs.length_histogram(numbers, numbers),
        "accuracy_by_length": gs.accuracy_by_length(numbers, given.array([1, 0, 1])),
        "accuracy_by_phenomenon": gs.accuracy_by_phenomenon([("x", 3, 0.5)]),
        "learning_curve": gs.learning_curve(rows),
        "training_comparison": gs.training_comparison({"a": rows}),
        "ngram_grid": gs.ngram_grid(gs.ngram_matches("a b", "a c"), "a b", "a c"),
        "beam_tree": gs.beam_tree(record[0], str),
    }
    return {name: len(picture.axes) for name, picture in pictures.items()}


@case("Seq2SeqError", "UsageError", "DataError", "ModelError", "SystemProblem", "Diverged")
def _(given):
    encoder = gs.Encoder(9, 4, 5)
    encoder.initialize()
    model = gs.book(*vocabs(given), 8, 8, device="cpu")
    yield
    told = {}
    for error, call in [
        (gs.DataError, lambda: encoder(given.array([[99]], "int32"), given.array([1], "int32"))),
        (gs.DataError, lambda: encoder(given.ids, given.array([5, 9], "int32"))),
        (gs.UsageError, lambda: gs.Dot()(given.normal(2, 3, 5), h(given), given.lengths)),
        (gs.ModelError, lambda: gs.load_model(given.folder)),
        (gs.SystemProblem, lambda: gs.book(*vocabs(given), device="gpu:7")),
        (gs.Diverged, lambda: spoilt(model, given)),
    ]:
        with pytest.raises(error) as info:
            call()
        assert isinstance(info.value, gs.Seq2SeqError)
        told[f"{error.__name__} {len(told)}"] = str(info.value).replace(str(given.folder), "")
    return told


def spoilt(model, given):
    model.bridge.w_s.bias.set_data(given.array([float("nan")] * 8))
    gs.train(model, given.tiny, epochs=1, quiet=True)


def run(function, flags, kind, tiny, mini, folder):
    """What a case returns that makes under the first of ``flags`` and uses under the second, and
    what it was given."""
    folder.mkdir(parents=True)
    given = Given(kind, tiny, mini, folder)
    try:
        npx.set_np(*flags[0])
        steps = function(given)
        next(steps)
        npx.set_np(*flags[1])
        with pytest.raises(StopIteration) as end:
            next(steps)
        assert (is_np_shape(), is_np_array()) == flags[1]
    finally:
        npx.reset_np()
    return end.value.value, given


def elsewhere():
    """The flags in a thread that has just begun."""
    found = []
    thread = threading.Thread(target=lambda: found.extend([is_np_shape(), is_np_array()]))
    thread.start()
    thread.join()
    return tuple(found)


def test_every_public_name_has_a_case():
    assert sorted(CASES) == gs.__all__


def test_a_new_public_name_without_a_case_is_found(monkeypatch):
    monkeypatch.setattr(gs, "__all__", [*gs.__all__, "zebra"])
    with pytest.raises(AssertionError):
        test_every_public_name_has_a_case()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The .-th input to HybridBlock is not used")
@pytest.mark.parametrize("function", dict.fromkeys(CASES.values()), ids=lambda f: named(f))
def test_under_either_semantics(function, tiny, mini, tmp_path, record_property):
    expected, given = run(function, WAYS[0], "nd", tiny, mini, tmp_path / "plain")
    ways = [*itertools.product(WAYS, ["nd", "np"] if given.used else ["nd"])][1:]
    if function is CASES["Playground"]:  # draws every picture
        ways = [(flags, kind) for flags, kind in ways if flags in [(ON, ON), (ON, OFF)]]
    record_property("calls", len(expected) * len(ways))
    for i, (flags, kind) in enumerate(ways):
        found, _ = run(function, flags, kind, tiny, mini, tmp_path / str(i))
        how = f"made {NAMES[flags[0]]}, used {NAMES[flags[1]]}, given {kind}"
        for call, result in found.items():
            by_flags = isinstance(result, NoneGiven)
            wanted = flags[1] == ON if by_flags else kind == "np"
            kinds = {isinstance(one, mx.np.ndarray) for one in flat(result)}
            assert kinds <= {wanted}, (call, how)
            with told(call, how):
                same(plain(result), plain(expected[call]))
    assert elsewhere() == OFF


@contextlib.contextmanager
def told(*what):
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{what}: {error}") from error


def named(function):
    return next(name for name, one in CASES.items() if one is function)
