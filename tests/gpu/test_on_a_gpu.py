"""On a GPU: the numbers of the CPU, seeds, resume, several devices, and how fast it is."""

import time
from itertools import chain, islice, repeat

import mxnet as mx
import numpy as np
import pytest
from helpers import complaint, weights
from mxnet import autograd, nd

from gluon_seq2seq import Translator, load_model, runtime, train
from gluon_seq2seq.corpus.batches import Minibatches
from gluon_seq2seq.model.attention import SCORES
from gluon_seq2seq.model.loss import loss_and_gradient
from gluon_seq2seq.model.papers import MODELS
from gluon_seq2seq.model.recurrent import RNNS
from gluon_seq2seq.semantics.nn import Dropout
from gluon_seq2seq.training.checkpoint import SHIPPED
from gluon_seq2seq.training.signals import Interrupted
from gluon_seq2seq.training.train_step import Step

NEAR = {"rtol": 1e-3, "atol": 2e-5}  # float32 sums of some hundred terms, in another order
VARIANTS = [
    *((name, {}) for name in MODELS),
    *(("luong2015", {"score": score}) for score in SCORES),
    *(("bahdanau2015", {"rnn": rnn, "num_layers": 2}) for rnn in RNNS),
    ("luong2015", {"input_feeding": True, "tied": True}),
]
SETTINGS = {"epochs": 3, "batch_size": 8, "seed": 3, "quiet": True}  # 7 steps an epoch


def off(one, other):
    """How far apart arrays are, at most."""
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other))


def outputs(model, batch, hybridize):
    """Logits, attention and the gradients of all parameters, as arrays."""
    model.hybridize(hybridize)
    X, src_valid_length, Y_prev, Y, tgt_valid_length = (
        array.as_in_context(model.devices[0]) for array in batch
    )
    with autograd.record():
        logits, alpha = model(X, src_valid_length, Y_prev)
    _, gradient = loss_and_gradient(logits, Y, tgt_valid_length)
    logits.backward(gradient)
    grads = [p.grad() for p in model.collect_params().values() if p.grad_req != "null"]
    return [a.asnumpy() for a in (logits, *([] if alpha is None else [alpha]), *grads)]


@pytest.mark.parametrize("name, settings", VARIANTS, ids=str)
def test_a_model_is_what_it_is_on_the_cpu(name, settings, tiny, device, row):
    """Values and gradients of a padded batch: eager = hybridized, GPU = CPU."""
    vocabs, sizes = (tiny.src_vocab, tiny.tgt_vocab), {"embed_size": 32, "num_hiddens": 32}
    settings = {**settings, **sizes, "drop_prob": 0}
    runtime.seed(0)
    one, other = (MODELS[name](*vocabs, device=where, **settings) for where in ("cpu", device))
    pairs = [(e.source, e.references[0]) for e in tiny.train]
    batch = next(iter(Minibatches(pairs, *vocabs, 16)))
    outputs(one, batch, False)  # shapes
    for mine, its in zip(one.collect_params().values(), other.collect_params().values()):
        its.set_data(mine.data())
    expected = outputs(one, batch, True)
    eager, hybridized = (outputs(other, batch, how) for how in (False, True))
    for found in eager, hybridized:
        for a, b in zip(found, expected):
            np.testing.assert_allclose(a, b, **NEAR)
    label = [name, *(f"{k}={v}" for k, v in settings.items() if k not in (*sizes, "drop_prob"))]
    far = off(expected, hybridized), off(eager, hybridized)
    row(" ".join(label), "off the CPU by {:.1e}, eager off hybridized by {:.1e}".format(*far))


def test_products_are_of_float32(device, row):
    """TF32 would be off by some 1e-3."""
    a, b = (np.random.default_rng(i).normal(size=(512, 512)).astype("float32") for i in (0, 1))
    found = nd.dot(nd.array(a, ctx=device), nd.array(b, ctx=device)).asnumpy()
    error = np.abs(found - a.astype("float64") @ b).max() / 512**0.5
    row("a product of matrices, TF32 off", f"relative error {error:.1e}")
    assert error < 2e-5


@pytest.mark.parametrize("hybridize", [False, True])
def test_dropout_of_a_seed(device, hybridize, row):
    block = Dropout(0.3)
    block.hybridize(hybridize)

    def draw(seed):
        mx.random.seed(seed)
        with autograd.train_mode():
            return [block(nd.ones((100, 100), ctx=device)).asnumpy() for _ in range(5)]

    first = draw(1)
    assert off(first, draw(1)) == 0 and off(first, draw(2)) > 1
    kept = np.mean([(mask > 0).mean() for mask in first])
    row(f"dropout {'hybridized' if hybridize else 'eager'}", f"kept {kept:.3f}, the seed's again")
    assert abs(kept - 0.7) < 0.01 and off(first[:1], first[1:2]) > 1


def test_the_same_seed_again(tiny, small_model, device, row):
    """Within a tolerance: sums on a GPU may come out in another order."""
    found = []
    for _ in range(2):
        model = small_model(drop_prob=0.3, device=device)
        history = train(model, tiny, **SETTINGS)
        found.append((history[-1]["train_loss"], list(weights(model).values())))
    (loss, one), (again, other) = found
    row(
        "the same seed again", f"loss {loss:.6f} and {again:.6f}, weights off {off(one, other):.1e}"
    )
    assert again == pytest.approx(loss, rel=1e-3)


def test_resume(tiny, small_model, device, tmp_path, signal_at, row):
    whole = small_model(drop_prob=0.3, device=device)
    expected = train(whole, tiny, **SETTINGS)
    signal_at(10)
    with pytest.raises(Interrupted):
        train(small_model(drop_prob=0.3, device=device), tiny, **SETTINGS, out=tmp_path)
    model = small_model(drop_prob=0.3, device=device)
    history = train(model, tiny, **SETTINGS, out=tmp_path, resume=True)
    far = off(weights(whole).values(), weights(model).values())
    row(
        "resumed after step 10",
        f"loss off {history[-1]['train_loss'] - expected[-1]['train_loss']:.1e}, "
        f"weights off {far:.1e}",
    )
    assert history[-1]["train_loss"] == pytest.approx(expected[-1]["train_loss"], rel=1e-3)


def test_two_gpus(tiny, small_model, gpus, row):
    if len(gpus) < 2:
        pytest.skip("there is one GPU")
    one = train(small_model(device=gpus[0]), tiny, **SETTINGS)
    two = train(small_model(device=gpus[:2]), tiny, **SETTINGS)
    row("two GPUs as one", f"loss {one[-1]['train_loss']:.6f} and {two[-1]['train_loss']:.6f}")
    assert two[-1]["train_loss"] == pytest.approx(one[-1]["train_loss"], rel=1e-3)


@pytest.mark.parametrize("beam_size", [1, 5])
@pytest.mark.parametrize("name", SHIPPED)
def test_translations(name, beam_size, mini, device, row):
    sources = [example.source for example in mini.test][:100]
    one, other = (
        Translator(load_model(name, where), beam_size=beam_size).translate(sources)
        for where in ("cpu", device)
    )
    same = sum(a == b for a, b in zip(one, other))
    row(f"{name}, beam {beam_size}", f"{same} of {len(sources)} translations as on the CPU")
    assert same >= len(sources) - 1  # words of equal probability


def test_a_model_goes_from_one_to_the_other(tiny, small_model, device, tmp_path):
    model = small_model(device=device)
    train(model, tiny, **SETTINGS, out=tmp_path)
    for where in "cpu", device:
        loaded = load_model(tmp_path, where)
        assert loaded.devices == [mx.cpu() if where == "cpu" else device]


def test_no_memory_is_one_line(device, run_process, row):
    if device.device_type == "cpu":
        pytest.skip("a CPU's memory is that of all")
    program = (
        "import mxnet as mx, gluon_seq2seq.cli.doctor\n"
        "from gluon_seq2seq import cli\n"
        "def fill():\n"
        "    arrays = []\n"
        "    while True:\n"
        f"        arrays.append(mx.nd.zeros(2**29, ctx=mx.gpu({device.device_id})))\n"
        "        arrays[-1].wait_to_read()\n"
        "cli.doctor.examine = fill\n"
        "cli.main()"
    )
    said = complaint(run_process("doctor", program=program), 5)
    row("a GPU that is full", said.strip())
    assert "out of memory" in said


def test_speed(mini, device, row):
    """Tokens a second of training, 256 units and batches of 128; nothing is asserted of it."""
    rehearsal = device.device_type == "cpu"  # says nothing of a GPU
    seconds, warm_up, found = (0, 0, []) if rehearsal else (10, 25, [])
    pairs = [(e.source, e.references[0]) for e in mini.train]
    for where in device, mx.cpu():
        runtime.seed(0)
        model = MODELS["luong2015"](
            mini.src_vocab, mini.tgt_vocab, 256, 256, device=where, drop_prob=0.1
        )
        batches = Minibatches(pairs, mini.src_vocab, mini.tgt_vocab, 128, shuffle=True)
        step, tokens = Step(model), 0
        endless = chain.from_iterable(repeat(batches))
        for batch in islice(endless, warm_up):  # graphs, kernels
            step(batch, 1e-3)
        nd.waitall()
        begin = time.perf_counter()
        while not tokens or time.perf_counter() < begin + seconds:
            tokens += step(next(endless), 1e-3)[1]
        nd.waitall()
        found.append(tokens / (time.perf_counter() - begin))
    row("luong2015, 256 units", f"{found[0]:,.0f} tokens a second, CPU {found[1]:,.0f}")
    assert min(found) > 0
