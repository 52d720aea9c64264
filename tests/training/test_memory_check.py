"""Training that cannot fit is refused; what training keeps."""

import ctypes
import gc
import sys

import pytest
from mxnet import autograd, nd

from gluon_seq2seq import SystemProblem, limits, runtime, train
from gluon_seq2seq.corpus.batches import Minibatches
from gluon_seq2seq.corpus.examples import pairs_of
from gluon_seq2seq.model.papers import MODELS
from gluon_seq2seq.training import memory_check
from gluon_seq2seq.training.train_step import GIVE_BACK_EVERY, Step
from gluon_seq2seq.translation import metrics


class OneBatch:
    def most_tokens(self):
        return 100


@pytest.mark.parametrize("short", [0, 1])
@pytest.mark.parametrize("average, copies", [(0.0, 4), (0.9, 5)])
@pytest.mark.parametrize("sampled, words", [(0, None), (7, 7), (10**6, None)])
def test_refused_by_a_byte(small_model, monkeypatch, short, average, copies, sampled, words):
    model = small_model()
    parameters = sum(p.data().size for p in model.collect_params().values())
    words = words or len(model.tgt_vocab)
    needed = 4 * copies * parameters + 400 * words + memory_check.MARGIN
    monkeypatch.setattr(limits, "memory", lambda: needed - short)
    if short:
        with pytest.raises(SystemProblem, match=r"smaller batch_size, .* or max_vocab"):
            memory_check.check(model, OneBatch(), average, sampled)
    else:
        memory_check.check(model, OneBatch(), average, sampled)


def test_memory_goes_back_before_a_batch_much_larger_than_those_since(
    tiny, small_model, monkeypatch
):
    model, order = small_model(), []
    pair = pairs_of(tiny.train)[0]
    step, give_back = Step(model), runtime.give_memory_back

    def given():
        order.append("back")
        give_back()  # does no harm between two steps

    monkeypatch.setattr(runtime, "give_memory_back", given)
    for count in 1, 2, 3, 7, 1, 14, 28, 57, 1, 2, 2, 2, 2, 2, 2, 2, 3, 6, 13:
        (batch,) = Minibatches([pair] * count, model.src_vocab, model.tgt_vocab, 64)
        order.append(count)
        step(batch, 0.001)
    b = "back"  # first, where a batch has more than twice the largest since, and every 16 steps
    of_16 = [1, b, 2, 3, 7, b, 1, 14, 28, 57, b, 1, *[2] * 7]
    assert order == [*of_16, 3, b, 6, 13, b]
    del order[:]
    for _ in range(GIVE_BACK_EVERY):
        step(batch, 0.001)
    assert order == ["back"]


def test_memory_goes_back_when_training_ends(tiny, small_model, monkeypatch):
    order = []
    monkeypatch.setattr(runtime, "give_memory_back", lambda: order.append("back"))
    train(
        small_model(), tiny, epochs=1, batch_size=8, quiet=True, until=lambda _: order.append("end")
    )
    assert order[-2:] == ["end", "back"]


def test_memory_goes_back_before_dev_is_read_and_after(tiny, small_model, monkeypatch):
    """Or it takes what it needs on top of what steps have freed, and steps on top of that."""
    order, mean_loss, score = [], metrics.mean_loss, metrics.score

    def noted(what, call):
        return lambda *args, **kwargs: (order.append(what), call(*args, **kwargs))[1]

    monkeypatch.setattr(metrics, "mean_loss", noted("loss", mean_loss))
    monkeypatch.setattr(metrics, "score", noted("BLEU", score))
    monkeypatch.setattr(runtime, "give_memory_back", lambda: order.append("back"))
    train(small_model(), tiny, epochs=2, batch_size=64, quiet=True)
    of_one = ["back", "loss", "BLEU", "back"]
    assert order == ["back", *of_one, *of_one, "back"]


class Mallinfo(ctypes.Structure):
    """``struct mallinfo`` of malloc.h, whose numbers are modulo 2^32."""

    _fields_ = [
        (name, ctypes.c_uint)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def in_use():
    """Bytes that C has from malloc, and blocks that Python has: what is free but kept is none."""
    gc.collect()
    mallinfo = ctypes.CDLL(None).mallinfo
    mallinfo.restype = Mallinfo
    found = mallinfo()
    return found.uordblks + found.hblkhd, sys.getallocatedblocks()


@pytest.mark.skipif(sys.platform != "linux", reason="asks glibc")
@pytest.mark.parametrize(
    "settings",
    [
        {"name": "book", "bidirectional": True, "num_layers": 2},
        {"name": "luong2015", "bidirectional": True},
        {"name": "bahdanau2015", "bidirectional": True, "rnn": "lstm"},
    ],
    ids=lambda settings: settings["name"],
)
def test_training_keeps_no_memory(tiny, settings):
    settings, found = dict(settings, embed_size=8, num_hiddens=8, device="cpu"), []
    model = MODELS[settings.pop("name")](tiny.src_vocab, tiny.tgt_vocab, **settings)
    batches = list(Minibatches(pairs_of(tiny.train), tiny.src_vocab, tiny.tgt_vocab, 8))
    for steps in 28, 100:  # each batch four times, so that what is made once is there
        for i in range(steps):
            X, src_valid_length, Y_prev, _, _ = batches[i % len(batches)]
            with autograd.record():
                logits, _ = model(X, src_valid_length, Y_prev)
            logits.backward()
            nd.waitall()
        found.append(in_use())
    (bytes_before, blocks_before), (bytes_after, blocks_after) = found
    lost = (bytes_after - bytes_before + 2**31) % 2**32 - 2**31
    assert lost < 1024 * steps  # 1 KB a step, where 2 KB and more were once lost
    assert blocks_after - blocks_before < 10 * steps  # the same, of Python's objects
