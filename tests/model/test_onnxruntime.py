"""A layer in one direction or both, against ONNX Runtime's own operators GRU, LSTM and RNN."""

import numpy as np
import onnxruntime
import oracle
import pytest
from mxnet import nd
from onnx import TensorProto, helper

from gluon_seq2seq.model.encoder import RecurrentLayer
from gluon_seq2seq.model.recurrent import RNNS

T, N, INPUT, H = 17, 5, 24, 32
ATTRIBUTES = {
    "gru": {"linear_before_reset": 1},
    "lstm": {},
    "tanh": {},
    "textbook-gru": {"linear_before_reset": 0},
}
GATES = {"gru": "rzn", "lstm": "ifco", "tanh": "h", "textbook-gru": "rzn"}  # rows of our matrices
IN_ONNX = {"gru": "zrn", "lstm": "iofc", "tanh": "h", "textbook-gru": "zrn"}


def matrices(name, unit):
    """W, R ``(gates H, ·)`` and the bias of each, ``(2 gates H,)``, as ONNX orders them."""
    p = oracle.numbers(unit)
    if name == "textbook-gru":
        rows = np.concatenate([p["cell.w_h.weight"], p["cell.w_hh.weight"]])
        ours = p["cell.w_x.weight"], rows, p["cell.w_x.bias"], np.zeros(len(rows))
    else:
        p = oracle.under(p, "_unfused.0.")
        ours = [p[f"{side}_{kind}"] for kind in ("weight", "bias") for side in ("i2h", "h2h")]
    order = [GATES[name].index(gate) for gate in IN_ONNX[name]]
    w, r, *biases = (
        np.concatenate([np.split(array, len(order))[i] for i in order]) for array in ours
    )
    return w, r, np.concatenate(biases)


def by_onnxruntime(name, layer, x, lengths):
    """``h (T, directions, N, H)`` and the last state ``(directions, N, H)``."""
    units = [layer.forwards, *([layer.backwards] if layer.backwards else [])]
    parts = [np.stack(part) for part in zip(*(matrices(name, unit) for unit in units))]
    node = helper.make_node(
        {"tanh": "RNN", "lstm": "LSTM"}.get(name, "GRU"),
        ["X", "W", "R", "B", "lengths"],
        ["Y", "Y_h"],
        hidden_size=H,
        direction="bidirectional" if layer.backwards else "forward",
        **ATTRIBUTES[name],
    )
    feed = {"X": x, **dict(zip("WRB", parts))}
    feed = {key: value.astype("float32") for key, value in feed.items()}
    inputs = [
        helper.make_tensor_value_info(key, TensorProto.FLOAT, value.shape)
        for key, value in feed.items()
    ]
    inputs.append(helper.make_tensor_value_info("lengths", TensorProto.INT32, [N]))
    outputs = [helper.make_tensor_value_info(key, TensorProto.FLOAT, None) for key in ("Y", "Y_h")]
    model = helper.make_model(
        helper.make_graph([node], "layer", inputs, outputs),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=7,
    )
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {**feed, "lengths": np.array(lengths, "int32")})


@pytest.mark.parametrize("lengths", [[T] * N, [5, T, 1, 2, 11]], ids=["whole", "padded"])
@pytest.mark.parametrize("hybrid", [False, True])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", RNNS)
def test_equals_onnxruntime(name, bidirectional, hybrid, lengths):
    layer = RecurrentLayer(INPUT, H, bidirectional, RNNS[name])
    layer.initialize()
    oracle.shake(layer).hybridize(hybrid)
    x = np.random.default_rng(1).normal(size=(T, N, INPUT))
    given = nd.array(x.swapaxes(0, 1)), nd.array(lengths, dtype="int32")
    h, state = (array.asnumpy() for array in layer(*given))  # (N, T, D), (N, D)
    wanted, last = by_onnxruntime(name, layer, x, lengths)
    np.testing.assert_allclose(h, np.concatenate(list(wanted.transpose(1, 2, 0, 3)), 2), atol=1e-5)
    np.testing.assert_allclose(state, np.concatenate(list(last), axis=1), atol=1e-5)
