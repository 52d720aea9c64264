"""MXNet's operators as ONNX nodes, a method each."""

import json

import mxnet as mx
import numpy as np
from onnx import TensorProto, helper, numpy_helper

TYPES = {"float32": TensorProto.FLOAT, "int32": TensorProto.INT32}
_ACTIVATION = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}
_SOFTMAX = {"temperature": None, "use_length": False, "dtype": None}
EXPECTED = {
    "RNN": {"num_layers": 1, "bidirectional": False, "projection_size": None},
    "Reshape": {"reverse": False},
    "SequenceLast": {"use_sequence_length": True},
    "SequenceMask": {"use_sequence_length": True},
    "SequenceReverse": {"use_sequence_length": True},
    "SliceChannel": {"squeeze_axis": False},
    "_contrib_arange_like": {"start": 0.0, "step": 1.0, "repeat": 1, "ctx": ""},
    "log_softmax": _SOFTMAX,
    "max": {"exclude": False},
    "softmax": _SOFTMAX,
    "sum": {"exclude": False},
}
_RECURRENT = {
    "gru": ("GRU", [1, 0, 2], {"linear_before_reset": 1}),
    "lstm": ("LSTM", [0, 3, 1, 2], {}),
    "rnn_tanh": ("RNN", [0], {"activations": ["Tanh"]}),
    "rnn_relu": ("RNN", [0], {"activations": ["Relu"]}),
}


class Weights(str):
    """The name of a parameter, which knows its array."""

    def __new__(cls, name, array):
        weights = super().__new__(cls, name)
        weights.array = array
        return weights


class NoCounterpart(Exception):
    """An operator that has no method here, or that its method does not know in this form."""


class Operators:
    """One method an operator, named like it; each adds nodes and returns the names of outputs."""

    def _Embedding(self, node, inputs, **_):
        return self.add("Gather", self.value(inputs[1]), self.value(inputs[0]), axis=0)

    def _FullyConnected(self, node, inputs, num_hidden, no_bias=False, flatten=True):
        if flatten and len(self.shape(inputs[0])) > 2:
            raise NoCounterpart
        transposed = self.constant(self.array(inputs[1]).T, "float32")
        found = self.add("MatMul", self.value(inputs[0]), transposed)
        return found if no_bias else self.add("Add", found, self.value(inputs[2]))

    def _Activation(self, node, inputs, act_type):
        if act_type not in _ACTIVATION:
            raise NoCounterpart
        return self.add(_ACTIVATION[act_type], self.value(inputs[0]))

    def _square(self, node, inputs):
        return self.add("Mul", *2 * [self.value(inputs[0])])

    def _SwapAxis(self, node, inputs, dim1=0, dim2=0):
        order = list(range(len(self.shape(inputs[0]))))
        order[dim1], order[dim2] = order[dim2], order[dim1]
        return self.add("Transpose", self.value(inputs[0]), perm=order)

    def _transpose(self, node, inputs, axes):
        return self.add("Transpose", self.value(inputs[0]), perm=axes)

    def _Reshape(self, node, inputs, shape):
        wanted = self.shape([self.graph["nodes"].index(node), 0])
        if wanted.count(None) > 1:  # ONNX infers one; others can be kept where they are
            before = self.shape(inputs[0])
            for i, size in enumerate(wanted[:-1]):
                if size is None and shape[: i + 1].count(0) == i + 1 and before[i] is None:
                    wanted[i] = 0
        if wanted.count(None) > 1:
            raise NoCounterpart
        wanted = self.constant([-1 if size is None else size for size in wanted])
        return self.add("Reshape", self.value(inputs[0]), wanted)

    def _expand_dims(self, node, inputs, axis):
        return self.add("Unsqueeze", self.value(inputs[0]), self.constant([axis]))

    def _Concat(self, node, inputs, num_args, dim=1):
        return self.add("Concat", *map(self.value, inputs), axis=dim)

    def _stack(self, node, inputs, num_args, axis=0):
        rows = [self.add("Unsqueeze", self.value(x), self.constant([axis])) for x in inputs]
        return self.add("Concat", *rows, axis=axis)

    def _slice_axis(self, node, inputs, axis, begin, end):
        ends = np.iinfo("int64").max if end is None else end
        limits = (self.constant([x]) for x in (begin, ends, axis))
        return self.add("Slice", self.value(inputs[0]), *limits)

    def _SliceChannel(self, node, inputs, num_outputs, axis=1):
        return self.add("Split", self.value(inputs[0]), count=num_outputs, axis=axis)

    def _tile(self, node, inputs, reps):
        return self.add("Tile", self.value(inputs[0]), self.constant(reps))

    def _filled(self, inputs, number):
        shape = self.add("Shape", self.value(inputs[0]))
        filler = numpy_helper.from_array(np.array([number], self.type(inputs[0])))
        return self.add("ConstantOfShape", shape, value=filler)

    def _zeros_like(self, node, inputs):
        return self._filled(inputs, 0)

    def _ones_like(self, node, inputs):
        return self._filled(inputs, 1)

    def _Cast(self, node, inputs, dtype):
        if dtype not in TYPES:
            raise NoCounterpart
        return self.add("Cast", self.value(inputs[0]), to=TYPES[dtype])

    def _sum(self, node, inputs, axis, keepdims=False):
        axes = self.constant(np.atleast_1d(axis))
        return self.add("ReduceSum", self.value(inputs[0]), axes, keepdims=int(keepdims))

    def _max(self, node, inputs, axis, keepdims=False):
        axes = np.atleast_1d(axis).tolist()
        return self.add("ReduceMax", self.value(inputs[0]), axes=axes, keepdims=int(keepdims))

    def _batch_dot(self, node, inputs, transpose_a=False, transpose_b=False):
        a, b = map(self.value, inputs)
        a = self.add("Transpose", a, perm=[0, 2, 1]) if transpose_a else a
        b = self.add("Transpose", b, perm=[0, 2, 1]) if transpose_b else b
        return self.add("MatMul", a, b)

    def _softmax(self, node, inputs, axis=-1):
        return self.add("Softmax", self.value(inputs[0]), axis=axis)

    def _log_softmax(self, node, inputs, axis=-1):
        return self.add("LogSoftmax", self.value(inputs[0]), axis=axis)

    def _positions(self, x, axis):
        """0, 1, 2, ... to the size of ``x`` along ``axis``, int64."""
        size = self.add("Gather", self.add("Shape", x), self.constant(axis))
        return self.add("Range", self.constant(0), size, self.constant(1))

    def _contrib_arange_like(self, node, inputs, axis):
        positions = self._positions(self.value(inputs[0]), axis)
        return self.add("Cast", positions, to=TensorProto.FLOAT)

    def _by_position(self, inputs, axis, compare, ahead, otherwise):
        """``x`` where its position along time compares so with its length - ``ahead``."""
        x, lengths = map(self.value, inputs)
        rank = len(self.shape(inputs[0]))
        last = self.add("Cast", lengths, to=TensorProto.INT64)
        last = self.add("Sub", last, self.constant(ahead))
        over = {axis: self._positions(x, axis), 1 - axis: last}
        over = {
            i: self.add("Reshape", v, self.constant([-1 if j == i else 1 for j in range(rank)]))
            for i, v in over.items()
        }
        mask = self.add(compare, over[axis], over[1 - axis])
        return self.add("Where", mask, x, self.constant(otherwise, "float32"))

    def _SequenceMask(self, node, inputs, value=0.0, axis=0):
        return self._by_position(inputs, axis, "Less", 0, value)

    def _SequenceLast(self, node, inputs, axis=0):
        own = self._by_position(inputs, axis, "Equal", 1, 0.0)
        return self.add("ReduceSum", own, self.constant([axis]), keepdims=0)

    def _SequenceReverse(self, node, inputs):
        lengths = self.add("Cast", self.value(inputs[1]), to=TensorProto.INT64)
        return self.add(
            "ReverseSequence", self.value(inputs[0]), lengths, batch_axis=1, time_axis=0
        )

    def _RNN(self, node, inputs, mode, state_size, **_):
        """One layer in one direction, from a state of zeros: what the encoder has."""
        _, weights, *states = (self.graph["nodes"][entry[0]] for entry in inputs)
        if weights["op"] == "Reshape":  # as recurrent.py joins them
            weights = self.graph["nodes"][weights["inputs"][0][0]]
        joins = "_rnn_param_concat", "Concat"
        if weights["op"] not in joins or any(s["op"] != "_zeros" for s in states):
            raise NoCounterpart
        i2h, h2h, *biases = map(self.array, weights["inputs"])  # biases of x and h, as the weights
        op, order, attributes = _RECURRENT[mode]

        def gates(array):
            return np.concatenate([np.split(array, len(order))[i] for i in order])

        W, R = (
            self.constant(gates(w.reshape(len(order) * state_size, -1))[None], "float32")
            for w in (i2h, h2h)
        )
        B = self.constant(np.concatenate([gates(b) for b in biases])[None], "float32")
        h, *states = self.add(
            op,
            self.value(inputs[0]),
            W,
            R,
            B,
            count=3 if op == "LSTM" else 2,
            hidden_size=state_size,
            **attributes,
        )
        return [self.add("Squeeze", h, self.constant([1])), *states]

    def _foreach(self, node, inputs, in_data_locs, in_state_locs, remain_locs, num_out_data, **_):
        """A loop over the first axis, as a Scan."""
        attributes = {"attrs": self.graph["attrs"]}  # the version, or it reads as a very old one
        body = mx.sym.load_json(json.dumps({**node["subgraphs"][0], **attributes}))
        order = [*in_data_locs, *in_state_locs, *remain_locs]
        names, types, known, examples = body.list_inputs(), {}, {}, [{}, {}]
        scanned, states = len(in_data_locs), len(in_state_locs)
        for i, (place, entry) in enumerate(zip(order, inputs)):
            name, types[names[place]] = names[place], self.type(entry)
            for example, shape in zip(examples, self.examples(entry)):
                example[name] = shape[1:] if i < scanned else shape
            outer = self.known.get(self.graph["nodes"][entry[0]]["name"])
            if i < scanned + states:
                known[name] = self.names("loop")
            else:
                known[name] = outer if isinstance(outer, Weights) else self.value(entry)
        part = type(self)(body, known, examples, types, self.names)
        found = [part.value(head) for head in part.graph["heads"]]
        self.constants.update(part.constants)

        def infos(values):
            return [helper.make_tensor_value_info(v, TensorProto.FLOAT, None) for v in values]

        ends = [part.add("Identity", x) for x in found]
        taken = [known[names[p]] for p in [*in_state_locs, *in_data_locs]]
        ends = ends[num_out_data:] + ends[:num_out_data]
        graph = helper.make_graph(part.nodes, "loop", infos(taken), infos(ends))
        found = self.add(
            "Scan",
            *map(self.value, inputs[scanned : scanned + states]),
            *map(self.value, inputs[:scanned]),
            count=len(ends),
            body=graph,
            num_scan_inputs=scanned,
        )
        return found[states:] + found[:states]
