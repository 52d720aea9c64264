"""The chapter's formulas in NumPy, a sentence and a step at a time: an independent oracle."""

import numpy as np


def numbers(block):
    """Parameters of a Block by structural name, as float64 arrays."""
    return {
        k: p.data().asnumpy().astype("float64")
        for k, p in block._collect_params_with_prefix().items()
    }


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_step(p, x, h):
    """One step of the GRU that MXNet has: reset after the recurrent product; gates r, z, n.

    ``p``: parameters of one layer, named i2h_weight, h2h_weight, i2h_bias, h2h_bias.
    """
    x_r, x_z, x_n = np.split(p["i2h_weight"] @ x + p["i2h_bias"], 3)
    h_r, h_z, h_n = np.split(p["h2h_weight"] @ h + p["h2h_bias"], 3)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = np.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h


def layer_of(p, prefix):
    return {k[len(prefix) :]: v for k, v in p.items() if k.startswith(prefix)}


def run(p, xs):
    """h_1..h_T of one layer over the rows of ``xs``, from h_0 = 0."""
    h, hs = np.zeros(p["h2h_weight"].shape[1]), []
    for x in xs:
        h = gru_step(p, x, h)
        hs.append(h)
    return np.array(hs)


def encode(p, ids, num_layers, bidirectional):
    """``h (T, D)``, ``state (num_layers, D)`` and ``c (D,)`` of one unpadded sentence."""
    one_hot = np.eye(len(p["embedding.weight"]))[ids]  # (T, V)
    h, states = one_hot @ p["embedding.weight"], []  # x_t = o_t^T E
    for i in range(num_layers):
        forwards = run(layer_of(p, f"layers.{i}.forwards._unfused.0."), h)
        if bidirectional:
            backwards = run(layer_of(p, f"layers.{i}.backwards._unfused.0."), h[::-1])[::-1]
            h = np.concatenate([forwards, backwards], axis=1)
            states.append(np.concatenate([forwards[-1], backwards[0]]))
        else:
            h = forwards
            states.append(forwards[-1])
    return h, np.array(states), states[-1]


def decode(p, y_prev_ids, state, c, num_layers):
    """log P (T', V) of one sentence, step by step, and the states after the last step."""
    state, rows = list(state), []
    for y_prev_id in y_prev_ids:
        y_prev = p["embedding.weight"][y_prev_id]
        s = np.concatenate([y_prev, c])
        for i in range(num_layers):
            state[i] = s = gru_step(layer_of(p, f"g._unfused.{i}."), s, state[i])
        hidden = np.tanh(p["p.w_p.weight"] @ np.concatenate([y_prev, s, c]) + p["p.w_p.bias"])
        logits = p["p.w_o.weight"] @ hidden + p["p.w_o.bias"]
        rows.append(logits - np.log(np.exp(logits).sum()))
    return np.array(rows), np.array(state)
