"""How near a training step comes to the matrix products that this machine can do: ``python -m
benchmarks.roofline PREPARED.npz`` prints JSON.

The roofline is the speed of one FullyConnected (oneDNN's GEMM) at the best of the model's own
shapes. Steps and products take turns in one process.
"""

import json
import statistics
import sys
import time

import numpy as np

from benchmarks.turns import take_turns
from benchmarks.worker import Training

SIZE = 256
MODELS = "luong2015", "book", "bahdanau2015"
SHAPES = (1280, 256, 8004), (1280, 8004, 256), (256, 1280, 8004), (1280, 256, 768)  # m, k, n
ROUNDS, STEPS, PRODUCTS = 5, 6, 3
PHASE_ROUNDS = 8
WARM_UP = 4


def forward_flops(name, E, H, vocab_size, src_lengths, tgt_lengths, bidirectional):
    r"""FLOPs of the matrix products of one forward pass, phase by phase, on real tokens.

    A product (m, k) by (k, n) counts 2 m k n; what is not a product (lookups, gates, tanh,
    softmax, Adam) counts 0; padding counts 0. With N sentences, S source and T target tokens,
    P = the sum over the sentences of source tokens times target tokens, D = 2 H with both
    directions, else H:

    ========= ======================================================================
    embedding 0
    encoder   each direction: 6 S H (E + H), a GRU's three gates
    decoder   :math:`s_0`: 2 N D H; g: 6 T H (E + H), and for the part of c in it
              book 6 N H D (the same at each step), bahdanau2015 6 T H D
    attention luong2015 (general): keys 2 S D H, scores 2 P H, c 2 P D;
              bahdanau2015: keys 2 S D H, queries 2 T H H, scores 2 P H, c 2 P D
    output    the hidden layer: luong2015 2 T H (D + H), book 2 T E (E + H) + 2 N E D,
              bahdanau2015 4 T E (E + H + D); then 2 T V times E, luong2015 H
    optimizer 0
    ========= ======================================================================

    A backward pass counts twice that: the gradients of both factors.
    """
    N, S, T = len(src_lengths), int(np.sum(src_lengths)), int(np.sum(tgt_lengths))
    P = int(np.dot(src_lengths, tgt_lengths))
    directions = 2 if bidirectional else 1
    D, V = directions * H, vocab_size
    encoder = directions * 6 * S * H * (E + H)
    decoder = 2 * N * D * H + 6 * T * H * (E + H)
    keys, scores, c = 2 * S * D * H, 2 * P * H, 2 * P * D
    if name == "luong2015":
        attention = keys + scores + c
        output = 2 * T * H * (D + H) + 2 * T * H * V
    elif name == "book":
        decoder += 6 * N * H * D
        attention = 0
        output = 2 * T * E * (E + H) + 2 * N * E * D + 2 * T * E * V
    elif name == "bahdanau2015":
        decoder += 6 * T * H * D
        attention = keys + 2 * T * H * H + scores + c
        output = 4 * T * E * (E + H + D) + 2 * T * E * V
    else:
        raise ValueError(f"no formula for {name!r}")
    phases = {"embedding": 0, "encoder": encoder, "decoder": decoder}
    return {**phases, "attention": attention, "output": output, "optimizer": 0}


def flops_of(model, src_lengths, tgt_lengths):
    """:func:`forward_flops` of a model of the package, lengths as NDArrays."""
    recipe = model.recipe
    return forward_flops(
        recipe["name"],
        recipe["embed_size"],
        recipe["num_hiddens"],
        len(model.tgt_vocab),
        src_lengths.asnumpy(),
        tgt_lengths.asnumpy(),
        recipe["bidirectional"],
    )


def product_speed(m, k, n):
    """A function that returns the FLOPs per second of a FullyConnected (m, k) by (k, n)."""
    from mxnet import nd

    x, w = nd.random.uniform(shape=(m, k)), nd.random.uniform(shape=(n, k))

    def speed():
        seconds = []
        for _ in range(PRODUCTS):
            seconds.append(
                timed(lambda: nd.FullyConnected(x, w, num_hidden=n, no_bias=True, flatten=False))[0]
            )
        return 2 * m * k * n / statistics.median(seconds)

    return speed


def step_speed(training):
    """A function that trains some steps and returns their FLOPs per second."""

    def speed():
        seconds = training.train(STEPS)["seconds"]
        forward = (sum(flops_of(training.model, *batch).values()) for batch in training.lengths)
        return 3 * sum(forward) / seconds

    return speed


def timed(work):
    """Seconds until MXNet has done all of ``work()``, and what it returned."""
    from mxnet import nd

    nd.waitall()
    begin = time.perf_counter()
    result = work()
    nd.waitall()
    return time.perf_counter() - begin, result


def timed_block(block, *inputs, heads=(0,)):
    """Seconds of a Block's forward pass, and of its backward pass from its outputs ``heads``; all
    outputs."""
    from mxnet import autograd

    inputs = [array.copy() for array in inputs]
    for array in inputs:
        if array.dtype == np.float32:  # not ids and lengths
            array.attach_grad()
    with autograd.record():
        forward, outputs = timed(lambda: block(*inputs))
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    backward, _ = timed(lambda: autograd.backward([outputs[i] for i in heads]))
    return np.array([forward, backward]), outputs


def phases(training, batch):
    """``{phase: (forward, backward) seconds}`` of a batch, each Block timed by itself.

    bahdanau2015's attention is a part of the decoder's loop and is counted there.
    """
    from mxnet import autograd, nd

    X, src_valid_length, Y_prev, Y, tgt_valid_length = batch
    model, step = training.model, training.step
    decoder, luong = model.decoder, model.recipe["name"] == "luong2015"
    source, _ = timed_block(model.encoder.embedding, X)
    target, (y_prev,) = timed_block(decoder.embedding, Y_prev)
    encoder, (h, _, c) = timed_block(model.encoder, X, src_valid_length, heads=(0, 2))
    bridge, (s_0,) = timed_block(model.bridge, c)
    whole, _ = timed_block(decoder, Y_prev, s_0, h, c, src_valid_length)
    s = nd.random.uniform(-1, 1, (*Y_prev.shape, decoder.num_hiddens))
    attention = np.zeros(2)
    if luong:
        attention, _ = timed_block(decoder.attention, s, h, src_valid_length)
    c_t = nd.random.uniform(-1, 1, (*Y_prev.shape, c.shape[1]))
    output, (logits,) = timed_block(decoder.p, y_prev, s, c_t)
    loss, _ = timed(lambda: step.loss(logits, Y, tgt_valid_length))
    found = {"embedding": source + target, "encoder": encoder - source}
    found["decoder"] = bridge + whole - target - attention - output
    if luong:
        found["attention"] = attention
    found["output"] = output
    found["loss and its gradient"] = np.array([loss, 0.0])
    with autograd.record():
        logits, _ = model(X, src_valid_length, Y_prev)
    logits.backward(nd.ones_like(logits))
    found["optimizer"] = np.array([timed(step.update)[0], 0.0])
    return found


def typical_batch(training):
    """Of fifty batches the one with the median number of target tokens."""
    batches = [next(training.endless) for _ in range(50)]
    return sorted(batches, key=lambda batch: batch.tgt_valid_length.sum().asscalar())[25]


def phases_of(training, roofline):
    """Medians of :func:`phases` in ms, and the share of the roofline, for the page."""
    batch = typical_batch(training)
    flops = flops_of(training.model, batch.src_valid_length, batch.tgt_valid_length)
    if training.model.recipe["name"] != "luong2015":
        flops["decoder"] += flops.pop("attention")
    rounds = [phases(training, batch) for _ in range(PHASE_ROUNDS)][1:]
    found = {}
    for phase in rounds[0]:
        forward, backward = np.median([each[phase] for each in rounds], axis=0)
        own = 3 * flops.get(phase, 0)
        share = own / roofline / (forward + backward) if own else None
        found[phase] = {"forward_ms": 1e3 * forward, "backward_ms": 1e3 * backward, "share": share}
        found[phase]["gflop"] = own / 1e9
    return found


def main(prepared):
    trainings = {name: Training(prepared, name) for name in MODELS}
    for training in trainings.values():
        training.train(WARM_UP)
    tasks = {f"{m} {k} {n}": product_speed(m, k, n) for m, k, n in SHAPES}
    tasks.update({name: step_speed(training) for name, training in trainings.items()})
    speeds = take_turns(tasks, ROUNDS)
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    products = {name: speed for name, speed in medians.items() if name not in MODELS}
    roofline = max(products.values())
    found = {
        "roofline_gflops": roofline / 1e9,
        "products_gflops": {name: speed / 1e9 for name, speed in products.items()},
        "steps_gflops": {name: medians[name] / 1e9 for name in MODELS},
        "phases": {name: phases_of(training, roofline) for name, training in trainings.items()},
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
