"""An MXNet symbol as an ONNX graph, operator by operator.

``mxnet.onnx`` is not used: it takes input and state of a recurrent layer to be of one size, and
knows neither SequenceLast nor loops.
"""

import ast
import inspect
import json

import mxnet as mx
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .errors import ModelError

OPSET = 13
IR_VERSION = 8  # what runtimes of 2021 and later read

_SAME = ("_copy", "BlockGrad", "Dropout", "identity")
_UNARY = {
    "abs": "Abs",
    "exp": "Exp",
    "log": "Log",
    "sigmoid": "Sigmoid",
    "sqrt": "Sqrt",
    "tanh": "Tanh",
}
_ACTIVATION = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}
_BINARY = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "maximum": "Max",
    "minimum": "Min",
}
_BINARY = {
    **{f"broadcast_{name}": op for name, op in _BINARY.items()},
    **{f"elemwise_{name}": op for name, op in _BINARY.items()},
    **{f"_{name}": op for name, op in _BINARY.items()},
}
_SCALAR = {
    "_plus_scalar": "Add",
    "_minus_scalar": "Sub",
    "_mul_scalar": "Mul",
    "_div_scalar": "Div",
    "_rminus_scalar": "Sub",
    "_lesser_equal_scalar": "LessOrEqual",
}
_TYPES = {"float32": TensorProto.FLOAT, "int32": TensorProto.INT32}
# What attributes have to be: the counterparts below are of these alone.
_SOFTMAX = {"temperature": None, "use_length": False, "dtype": None}
_EXPECTED = {
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
# Rows of gates, from MXNet's order to that of ONNX: GRU r z n -> z r n, LSTM i f g o -> i o f g.
_RECURRENT = {
    "gru": ("GRU", [1, 0, 2], {"linear_before_reset": 1}),
    "lstm": ("LSTM", [0, 3, 1, 2], {}),
    "rnn_tanh": ("RNN", [0], {"activations": ["Tanh"]}),
    "rnn_relu": ("RNN", [0], {"activations": ["Relu"]}),
}


def convert(symbol, parameters, inputs, outputs):
    """The :class:`onnx.ModelProto` of ``symbol``.

    ``parameters``: numpy arrays by name; ``inputs``: ``{name: (type, dimensions)}`` with numbers
    for sizes that are fixed and names for those that are not; ``outputs``: names for the symbol's
    outputs. Raises :class:`ModelError` for an operator that has no counterpart here.
    """
    names = sorted({d for _, dims in inputs.values() for d in dims if isinstance(d, str)})
    examples = [  # sizes that differ between the two are free
        {
            name: tuple(13 + 2 * names.index(d) + more if d in names else d for d in dims)
            for name, (_, dims) in inputs.items()
        }
        for more in (0, 101)
    ]
    known = {name: _Weights(name, array) for name, array in parameters.items()}
    known.update({name: name for name in inputs})
    types = {name: kind for name, (kind, _) in inputs.items()}
    part = _Part(symbol, known, examples, types, _Names())
    heads = part.graph["heads"]
    for head, name in zip(heads, outputs):
        part.nodes.append(helper.make_node("Identity", [part.value(head)], [name]))

    def infos(entries):
        return [helper.make_tensor_value_info(n, _TYPES[kind], dims) for n, kind, dims in entries]

    graph = helper.make_graph(
        part.nodes,
        "gluon_seq2seq",
        infos((name, *about) for name, about in inputs.items()),
        infos((name, part.type(head), part.shape(head)) for name, head in zip(outputs, heads)),
        [numpy_helper.from_array(array, name) for name, array in part.constants.items()],
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(
        graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="gluon_seq2seq"
    )
    onnx.checker.check_model(model, full_check=True)
    return model


class _NoCounterpart(Exception):
    """An operator that has no method here, or that its method does not know in this form."""


class _Names:
    """New names for values."""

    def __init__(self):
        self.count = 0

    def __call__(self, op):
        self.count += 1
        return f"{op}_{self.count}"


class _Weights(str):
    """The name of a parameter, which knows its array."""

    def __new__(cls, name, array):
        weights = super().__new__(cls, name)
        weights.array = array
        return weights


class _Part:
    """A graph, or the body of a loop in it.

    ``known``: what its variables are, names of ONNX values; ``examples``: shapes of those that
    are no parameters, twice, with other free sizes; ``types``: theirs.
    """

    def __init__(self, symbol, known, examples, types, names):
        graph = json.loads(symbol.tojson())
        self.graph, self.known, self.names = graph, known, names
        self.nodes, self.constants, self._values = [], {}, {}
        inner = symbol.get_internals()
        arguments = set(inner.list_arguments())
        shapes = {k: v.array.shape for k, v in known.items() if isinstance(v, _Weights)}
        self._shapes = [
            inner.infer_shape(**{k: v for k, v in {**shapes, **one}.items() if k in arguments})[1]
            for one in examples
        ]
        types = {k: types.get(k, "float32") for k in arguments}
        self._types = inner.infer_type(**types)[1]
        counts = np.diff(graph["node_row_ptr"])  # Dropout's second output is a hidden one
        counts[[node["op"] == "Dropout" for node in graph["nodes"]]] = 1
        self._first = np.cumsum([0, *counts]).tolist()
        if len(self._types) != self._first[-1]:
            raise ModelError("an operator of the model has hidden outputs: use --format symbol")

    # What is known of a value, an entry (node, output, version), before it is computed

    def _place(self, entry):
        return self._first[entry[0]] + entry[1]

    def examples(self, entry):
        """Its shape in both examples."""
        return [shapes[self._place(entry)] for shapes in self._shapes]

    def shape(self, entry):
        """Its sizes: ``None`` for a free one."""
        return [a if a == b else None for a, b in zip(*self.examples(entry))]

    def type(self, entry):
        return np.dtype(self._types[self._place(entry)]).name

    # ONNX values

    def value(self, entry):
        """The name of a value; its node is added where it is not there yet."""
        node_id, i = entry[:2]
        node = self.graph["nodes"][node_id]
        if node["op"] == "null":
            known = self.known[node["name"]]
            if isinstance(known, _Weights):
                self.constants[str(known)] = known.array
            return str(known)
        if node_id not in self._values:
            found = self._translated(node)
            self._values[node_id] = [found] if isinstance(found, str) else found
        return self._values[node_id][i]

    def add(self, op, *inputs, count=1, **attributes):
        """A new node; the name of its output, or a list of ``count`` names."""
        outputs = [self.names(op) for _ in range(count)]
        self.nodes.append(helper.make_node(op, inputs, outputs, name=outputs[0], **attributes))
        return outputs[0] if count == 1 else outputs

    def constant(self, array, dtype="int64"):
        name = self.names("constant")
        self.constants[name] = np.array(array, dtype)
        return name

    def array(self, entry):
        """The numbers of a parameter, reshaped or not."""
        node = self.graph["nodes"][entry[0]]
        while node["op"] == "Reshape":
            node = self.graph["nodes"][node["inputs"][0][0]]
        known = self.known.get(node["name"])
        if not isinstance(known, _Weights):
            raise _NoCounterpart
        return known.array

    # Operators

    def _translated(self, node):
        op, inputs = node["op"], node["inputs"]
        attributes = node.get("attrs", {}).items()
        attributes = {k: _read(v) for k, v in attributes if not k.startswith("__")}
        if op in _SAME:
            return self.value(inputs[0])
        if op in _UNARY:
            return self.add(_UNARY[op], self.value(inputs[0]))
        if op in _BINARY:
            return self.add(_BINARY[op], *map(self.value, inputs))
        if op in _SCALAR:
            scalar = self.constant(attributes["scalar"], self.type(inputs[0]))
            both = [self.value(inputs[0]), scalar]
            found = self.add(_SCALAR[op], *(both[::-1] if op == "_rminus_scalar" else both))
            return self.add("Cast", found, to=TensorProto.FLOAT) if "equal" in op else found
        try:
            method, arguments = self._method(op, node, inputs, attributes)
            return method(*arguments.args, **arguments.kwargs)
        except _NoCounterpart:
            raise ModelError(
                f"no ONNX counterpart is known for MXNet's {op} with {attributes}: use --format "
                "symbol"
            ) from None

    def _method(self, op, node, inputs, attributes):
        """The method for an operator, and what to call it with; others have no counterpart."""
        method = getattr(self, f"_{op.lstrip('_')}", None)
        expected = _EXPECTED.get(op, {})
        differ = any(
            attributes.get(name, False if value is True else value) != value
            for name, value in expected.items()
        )
        if method is None or differ:
            raise _NoCounterpart
        others = {name: value for name, value in attributes.items() if name not in expected}
        try:
            return method, inspect.signature(method).bind(node, inputs, **others)
        except TypeError:
            raise _NoCounterpart from None

    def _Embedding(self, node, inputs, **_):
        return self.add("Gather", self.value(inputs[1]), self.value(inputs[0]), axis=0)

    def _FullyConnected(self, node, inputs, num_hidden, no_bias=False, flatten=True):
        if flatten and len(self.shape(inputs[0])) > 2:
            raise _NoCounterpart
        transposed = self.constant(self.array(inputs[1]).T, "float32")
        found = self.add("MatMul", self.value(inputs[0]), transposed)
        return found if no_bias else self.add("Add", found, self.value(inputs[2]))

    def _Activation(self, node, inputs, act_type):
        if act_type not in _ACTIVATION:
            raise _NoCounterpart
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
            raise _NoCounterpart
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
        if dtype not in _TYPES:
            raise _NoCounterpart
        return self.add("Cast", self.value(inputs[0]), to=_TYPES[dtype])

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
            raise _NoCounterpart
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
                known[name] = outer if isinstance(outer, _Weights) else self.value(entry)
        part = _Part(body, known, examples, types, self.names)
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


def _read(text):
    """The value of an attribute: MXNet has them as text."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
