"""An MXNet symbol as an ONNX graph, operator by operator.

``mxnet.onnx`` is not used: it takes input and state of a recurrent layer to be of one size, and
knows neither SequenceLast nor loops.
"""

import inspect
import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from ..errors import ModelError
from ..semantics.numpy_graph import attributes_of
from .onnx_operators import EXPECTED, TYPES, NoCounterpart, Operators, Weights

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
# What attributes have to be: the counterparts below are of these alone.
# Rows of gates, from MXNet's order to that of ONNX: GRU r z n -> z r n, LSTM i f g o -> i o f g.


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
    known = {name: Weights(name, array) for name, array in parameters.items()}
    known.update({name: name for name in inputs})
    types = {name: kind for name, (kind, _) in inputs.items()}
    part = _Part(symbol, known, examples, types, _Names())
    heads = part.graph["heads"]
    for head, name in zip(heads, outputs):
        part.nodes.append(helper.make_node("Identity", [part.value(head)], [name]))

    def infos(entries):
        return [helper.make_tensor_value_info(n, TYPES[kind], dims) for n, kind, dims in entries]

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


class _Names:
    """New names for values."""

    def __init__(self):
        self.count = 0

    def __call__(self, op):
        self.count += 1
        return f"{op}_{self.count}"


class _Part(Operators):
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
        shapes = {k: v.array.shape for k, v in known.items() if isinstance(v, Weights)}
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
            raise ModelError("an operator of the model has hidden outputs: use format='symbol'")

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
            if isinstance(known, Weights):
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
        if not isinstance(known, Weights):
            raise NoCounterpart
        return known.array

    # Operators

    def _translated(self, node):
        op, inputs = node["op"], node["inputs"]
        attributes = attributes_of(node)
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
        except NoCounterpart:
            raise ModelError(
                f"no ONNX counterpart is known for MXNet's {op} with {attributes}: use "
                "format='symbol'"
            ) from None

    def _method(self, op, node, inputs, attributes):
        """The method for an operator, and what to call it with; others have no counterpart."""
        method = getattr(self, f"_{op.lstrip('_')}", None)
        expected = EXPECTED.get(op, {})
        differ = any(
            attributes.get(name, False if value is True else value) != value
            for name, value in expected.items()
        )
        if method is None or differ:
            raise NoCounterpart
        others = {name: value for name, value in attributes.items() if name not in expected}
        try:
            return method, inspect.signature(method).bind(node, inputs, **others)
        except TypeError:
            raise NoCounterpart from None
