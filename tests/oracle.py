"""The formulas of the book and the papers in NumPy, a sentence and a step at a time: an oracle.

Written from the equations and not from the Blocks, in float64 and with loops. ``p`` is a dict of
arrays by structural name, as :func:`numbers` reads it; vectors have one axis; positions count
from 0.
"""

import re

import numpy as np


def numbers(block):
    """Parameters of a Block by structural name, as float64 arrays."""
    return {
        k: p.data().asnumpy().astype("float64")
        for k, p in block._collect_params_with_prefix().items()
    }


def shake(block, scale=0.5, seed=0):
    """Give every parameter, biases too, numbers so large that a wrong term would show."""
    rng = np.random.default_rng(seed)
    for parameter in block.collect_params().values():
        parameter.set_data(rng.uniform(-scale, scale, parameter.shape))
    return block


def under(p, prefix):
    """The parameters below ``prefix``, without it."""
    return {k[len(prefix) :]: v for k, v in p.items() if k.startswith(prefix)}


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    weights = np.exp(x - x.max())
    return weights / weights.sum()


# f and g: one step of one layer, (p, x, [h] or [h, memory]) -> the same list a step later.


def gru_step(p, x, before):
    """MXNet's GRU: reset after the recurrent product; gates r, z, n."""
    (h,) = before
    x_r, x_z, x_n = (p["i2h_weight"] @ x + p["i2h_bias"]).reshape((3, -1))
    h_r, h_z, h_n = (p["h2h_weight"] @ h + p["h2h_bias"]).reshape((3, -1))
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    return [(1 - z) * n + z * h]


def lstm_step(p, x, before):
    """Gates in MXNet's order: input, forget, candidate, output."""
    h, memory = before
    sums = p["i2h_weight"] @ x + p["i2h_bias"] + p["h2h_weight"] @ h + p["h2h_bias"]
    i, f, candidate, o = sums.reshape((4, -1))
    memory = sigmoid(f) * memory + sigmoid(i) * np.tanh(candidate)
    return [sigmoid(o) * np.tanh(memory), memory]


def tanh_step(p, x, before):
    (h,) = before
    return [np.tanh(p["i2h_weight"] @ x + p["i2h_bias"] + p["h2h_weight"] @ h + p["h2h_bias"])]


def textbook_gru_step(p, x, before):
    """The book's GRU: reset before the recurrent product; W_x has the rows of r, z and h~."""
    (h,) = before
    size = len(h)
    w_xr, w_xz, w_xh = (p["w_x.weight"][i * size : (i + 1) * size] for i in range(3))
    b_r, b_z, b_h = (p["w_x.bias"][i * size : (i + 1) * size] for i in range(3))
    w_hr, w_hz = p["w_h.weight"][:size], p["w_h.weight"][size:]
    r = sigmoid(w_xr @ x + w_hr @ h + b_r)
    z = sigmoid(w_xz @ x + w_hz @ h + b_z)
    candidate = np.tanh(w_xh @ x + p["w_hh.weight"] @ (r * h) + b_h)
    return [z * h + (1 - z) * candidate]


STEPS = {"gru": gru_step, "lstm": lstm_step, "tanh": tanh_step, "textbook-gru": textbook_gru_step}


def cells(p):
    """The parameters of each layer of a recurrent network, lowest first."""
    found = {}
    for name, value in p.items():  # 1._unfused.0.i2h_weight, 1.cell.w_x.bias
        where, rest = re.fullmatch(r"((?:\d+\.)?(?:_unfused\.\d+|cell))\.(.+)", name).groups()
        place = tuple(int(part) for part in where.split(".") if part.isdigit())
        found.setdefault(place, {})[rest] = value
    return [found[place] for place in sorted(found)]


def unpacked(state, num_layers):
    """Rows of a state, s of all layers and then LSTM's memory -> one list a layer."""
    return [list(state[i::num_layers]) for i in range(num_layers)]


def packed(layers):
    """The inverse of :func:`unpacked`."""
    return np.array([kind for kinds in zip(*layers) for kind in kinds])


def recur(rnn, layers, x, before):
    """One step of all layers; the top one's s, and the lists of all."""
    after = []
    for p, own in zip(layers, before):
        own = STEPS[rnn](p, x, own)
        after.append(own)
        x = own[0]
    return x, after


# The encoder.


def run(p, rnn, xs):
    """h_1..h_T of one layer over the rows of ``xs``, from h_0 = 0."""
    (cell,) = cells(p)
    hs, size = [], len(cell["w_hh.weight"] if rnn == "textbook-gru" else cell["h2h_weight"][0])
    own = [np.zeros(size)] * (2 if rnn == "lstm" else 1)
    for x in xs:
        own = STEPS[rnn](cell, x, own)
        hs.append(own[0])
    return np.array(hs)


def encode(p, ids, num_layers=1, bidirectional=False, rnn="gru", q="last", reverse=False):
    """``h (T, D)``, ``state (num_layers, D)`` and ``c (D,)`` of one unpadded sentence."""
    order = [*range(len(ids) - 2, -1, -1), len(ids) - 1] if reverse else list(range(len(ids)))
    one_hot = np.eye(len(p["embedding.weight"]))[[ids[i] for i in order]]  # (T, V)
    h, states = one_hot @ p["embedding.weight"], []  # x_t = o_t^T E
    for i in range(num_layers):
        forwards = run(under(p, f"layers.{i}.forwards."), rnn, h)
        if bidirectional:
            backwards = run(under(p, f"layers.{i}.backwards."), rnn, h[::-1])[::-1]
            h = np.concatenate([forwards, backwards], axis=1)
            states.append(np.concatenate([forwards[-1], backwards[0]]))
        else:
            h = forwards
            states.append(forwards[-1])
    c = {"last": states[-1], "mean": sum(h) / len(h), "max": np.max(h, axis=0)}[q]
    by_word = np.empty_like(h)
    for place, word in enumerate(order):
        by_word[word] = h[place]
    return by_word, np.array(states), c


# Attention: the scores of one s and all h (T, D), and their weights.


def score(kind, p, s, hs):
    if kind == "dot":  # Luong et al. 2015, eq. 8
        return np.array([s @ h for h in hs])
    if kind == "scaled-dot":  # Vaswani et al. 2017, eq. 1
        return np.array([s @ h for h in hs]) / np.sqrt(len(s))
    if kind == "general":  # Luong et al. 2015, eq. 8
        return np.array([s @ p["w_a.weight"] @ h for h in hs])
    if kind == "concat":  # Luong et al. 2015, eq. 8, with one matrix for [s; h]
        w_a = np.concatenate([p["w_s.weight"], p["w_h.weight"]], axis=1)
        return np.array([p["v.weight"][0] @ np.tanh(w_a @ np.concatenate([s, h])) for h in hs])
    assert kind == "additive"  # Bahdanau et al. 2015, appendix A.1.2
    w, u, v = p["w_s.weight"], p["w_h.weight"], p["v.weight"][0]
    return np.array([v @ np.tanh(w @ s + u @ h) for h in hs])


def weights(kind, p, s, hs, step, window=10):
    """alpha (T,) of the step of that number, the first one 0; local-* over general."""
    last = len(hs) - 1
    if kind == "local-m":
        centre = min(step, last)
    elif kind == "local-p":
        centre = last * sigmoid(p["v_p.weight"][0] @ np.tanh(p["w_p.weight"] @ s))
    else:
        return softmax(score(kind, p, s, hs))
    alpha = np.zeros(len(hs))
    inside = [t for t in range(len(hs)) if centre - window <= t <= centre + window]
    alpha[inside] = softmax(score("general", under(p, "score."), s, hs)[inside])
    if kind == "local-p":
        for t in inside:
            alpha[t] *= np.exp(-((t - centre) ** 2) / (2 * (window / 2) ** 2))
    return alpha


def attend(kind, p, s, hs, step, window=10):
    """c (D,) and alpha (T,)."""
    alpha = weights(kind, p, s, hs, step, window)
    return sum(a * h for a, h in zip(alpha, hs)), alpha


# The decoder: p(y_prev, s, c), and all steps of a sentence.


def hidden(kind, p, y_prev, s, c):
    """What the output layer reads."""
    if kind == "tanh":
        return np.tanh(p["w_p.weight"] @ np.concatenate([y_prev, s, c]) + p["w_p.bias"])
    if kind == "maxout":  # Cho et al. 2014, appendix A.1.2
        pairs = p["w_p.weight"] @ np.concatenate([y_prev, s, c]) + p["w_p.bias"]
        return np.array([max(pairs[2 * j], pairs[2 * j + 1]) for j in range(len(pairs) // 2)])
    if kind == "attentional":  # Luong et al. 2015, eq. 5
        return np.tanh(p["w_c.weight"] @ np.concatenate([c, s]))
    assert kind == "state"
    return s


def logits(kind, p, y_prev, s, c):
    return p["w_o.weight"] @ hidden(kind, p, y_prev, s, c) + p["w_o.bias"]


def decode(
    p, y_prev_ids, state, h, c, readout="tanh", rnn="gru", score=None, window=10, order="fixed"
):
    """``log P (T', V)``, the state after the last step and ``alpha (T', T)`` of one sentence.

    ``state`` has the rows of g and those that :func:`start` adds: s~ when it is ``fed``, the
    number of steps for local-m. ``order`` says what g reads beside y_prev: ``fixed`` c,
    ``nothing`` (c in s_0 alone), the c that ``before`` attends to, nothing of the c attended to
    ``after``, or s~ of the step before, ``fed``.
    """
    layers, own = cells(under(p, "g.layers.")), list(state)
    steps = fed = None
    if score == "local-m":
        steps = round(own.pop()[0])
    if order == "fed":
        fed = own.pop()
    before, rows, alphas = unpacked(own, len(layers)), [], []
    attention, output = under(p, "attention."), under(p, "p.")
    for y_prev_id in y_prev_ids:
        y_prev, alpha = p["embedding.weight"][y_prev_id], np.zeros(len(h))
        if order == "before":  # s_{t'-1} of the top layer
            c, alpha = attend(score, attention, before[-1][0], h, steps, window)
        read = {"fixed": [c], "before": [c], "fed": [fed]}.get(order, [])
        s, before = recur(rnn, layers, np.concatenate([y_prev, *read]), before)
        if order in ("after", "fed"):
            c, alpha = attend(score, attention, s, h, steps, window)
        out = logits(readout, output, y_prev, s, c)
        rows.append(out - np.log(np.exp(out).sum()))
        alphas.append(alpha)
        fed = hidden(readout, output, y_prev, s, c) if order == "fed" else None
        steps = None if steps is None else steps + 1
    size = len(before[0][0])
    counted = [] if steps is None else [np.full(size, float(steps))]
    extra = [*([] if fed is None else [fed]), *counted]
    return np.array(rows), np.array([*packed(before), *extra]), np.array(alphas)


def start(p, c, size, zeros=0):
    """The state before the first step, s_0 = tanh(W_s c + b_s), and ``zeros`` rows of zero."""
    s_0 = np.tanh(p["w_s.weight"] @ c + p["w_s.bias"]).reshape((-1, size))
    return np.concatenate([s_0, np.zeros((zeros, size))])


# Whole models.

SIDES = {  # the output layer, when attention looks, and what a is unless the settings name it
    "book": ("tanh", "fixed", None),
    "cho2014": ("maxout", "fixed", None),
    "sutskever2014": ("state", "nothing", None),
    "bahdanau2015": ("maxout", "before", "additive"),
    "luong2015": ("attentional", "after", "general"),
}


def translate(p, name, settings, x, y_prev):
    """``log P (T', V)`` and ``alpha (T', T)`` of one sentence, by the model of that name."""
    readout, order, kind = SIDES[name]
    kind = settings.get("score", kind)
    if settings.get("input_feeding"):
        order = "fed"
    names = ("num_layers", "bidirectional", "rnn", "q", "reverse")
    given = {k: settings[k] for k in names if k in settings}
    h, _, c = encode(under(p, "encoder."), x, **given)
    zeros = (order == "fed") + (kind == "local-m")
    s_0 = start(under(p, "bridge."), c, settings["num_hiddens"], zeros)
    rnn, window = settings["rnn"], settings.get("window", 10)
    log_p, _, alpha = decode(
        under(p, "decoder."), y_prev, s_0, h, c, readout, rnn, kind, window, order
    )
    return log_p, alpha


# Derivatives.


def assert_gradients(block, oracle, floor=1e-6):
    """Compare the gradients in ``block`` with central differences of ``oracle(p)``, a number.

    One difference a parameter, along a random direction that moves every entry of it: a wrong
    entry shows. A parameter with two names (weight tying) moves under both.
    """
    p, rng = numbers(block), np.random.default_rng(5)
    named = {}
    for name, parameter in block._collect_params_with_prefix().items():
        named.setdefault(id(parameter), (parameter, []))[1].append(name)
    assert named
    for parameter, names in named.values():
        gradient = parameter.grad().asnumpy().astype("float64")
        direction = rng.normal(size=gradient.shape)
        slope = difference(oracle, p, names, direction)
        size = np.linalg.norm(gradient)
        assert size > floor, f"{names}: no gradient to compare"
        assert abs((gradient * direction).sum() - slope) <= 1e-3 * size, names


def difference(oracle, p, names, direction, step=1e-5):
    """The slope of ``oracle(p)`` as all of ``names`` move along ``direction``."""
    values = [
        oracle({**p, **{name: p[name] + sign * step * direction for name in names}})
        for sign in (1, -1)
    ]
    return (values[0] - values[1]) / (2 * step)
