"""A graph of MXNet's, computed by NumPy with the model's own parameters.

MXNet takes about 25 microseconds to start an operator, NumPy one: with few rows that is what a step
of search takes (benchmarks/README.md, "One sentence"). With many, threads may run it side by side.
The graph is drawn by the Blocks, so that their formulas are written once.
"""

import ast
import ctypes
import json
import threading
from collections import Counter

import numpy as np
from mxnet import nd
from mxnet.base import _LIB, check_call

from .affine import affine, affine_of_rows, fully_connected_of_rows
from .numpy_operators import OPERATORS, NoCounterpart, recurrent

READING = threading.Lock()  # MXNet may lay a parameter's numbers out anew where they are asked for
SAME = "_copy", "BlockGrad", "Dropout", "identity"
ANEW = "FullyConnected", "broadcast_add"  # give an array of their own, of logits here
MOVES = "SwapAxis", "SequenceReverse"  # put positions in another order, or axes of them


def attributes_of(node):
    """What the graph says of ``node``, an operator: ``{name: value}``; MXNet has them as text."""
    given = node.get("attrs", {}).items()
    return {name: _read(text) for name, text in given if not name.startswith("__")}


def _read(text):
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


def address_of(array):
    """Where an NDArray on a CPU has its numbers, which have been computed."""
    pointer = ctypes.c_void_p()
    check_call(_LIB.MXNDArrayGetData(array.handle, ctypes.byref(pointer)))
    return pointer.value


def view_of(array):
    """An NDArray on a CPU, which has been computed, as NumPy's array of the same memory, which
    lives as long as this is looked at."""
    dtype = np.dtype(array.dtype)
    memory = (ctypes.c_char * (array.size * dtype.itemsize)).from_address(address_of(array))
    memory.owner = array
    return np.frombuffer(memory, dtype).reshape(array.shape)


class NumpyGraph:
    """``symbol`` as a function, in inference.

    ``graph(wanted, inputs)`` takes names of outputs and ``{name: array}``, and returns a list of
    arrays, of NumPy's all, for which it computes no more than they need; ``inputs`` and
    ``outputs``: the names of both, in their order; ``shared``: the names of inputs that may be
    :class:`~.shared_rows.SharedRows`, too; ``parameters``: ``{name: Parameter}``, on a CPU.
    They are read where MXNet has them, so that what training or ``set_data`` changes is changed
    here. Several threads may call it at once. Raises :class:`NoCounterpart` for an operator that is
    not in :data:`~.numpy_operators.OPERATORS`.
    """

    def __init__(self, symbol, inputs, outputs, parameters):
        graph = json.loads(symbol.tojson())
        self._nodes, self._plan, self._plans, self._slots = graph["nodes"], [], {}, {}
        self._inputs = {name: self._slot(("input", name)) for name in inputs}
        self._known, self._parameters, self._views = parameters, [], {}
        read = [entry for node in self._nodes for entry in node["inputs"]] + graph["heads"]
        self._readers = Counter(tuple(entry[:2]) for entry in read)
        heads = [self._value(head[:2]) for head in graph["heads"]]
        self.outputs = dict(zip(outputs, heads))
        self.inputs, self.shared = list(inputs), set(filter(self._multiplies, inputs))
        del self._nodes, self._known, self._readers

    def __call__(self, wanted, inputs):
        values = [None] * len(self._slots)
        with READING:
            nd.waitall()  # operators in flight may move a parameter's numbers: oneDNN's layouts
            for slot, parameter in self._parameters:
                values[slot] = self._numbers(slot, parameter)
        for name, array in inputs.items():
            values[self._inputs[name]] = array
        with np.errstate(all="ignore"):  # as MXNet does; whoever reads NaN says so
            for function, takes, gives in self._needed(tuple(wanted)):
                values[gives] = function(*[values[slot] for slot in takes])
        return [values[self.outputs[name]] for name in wanted]

    def _needed(self, wanted):
        """The steps of the plan that the outputs ``wanted`` need."""
        if wanted not in self._plans:
            slots, plan = {self.outputs[name] for name in wanted}, []
            for step in reversed(self._plan):
                if step[2] in slots:
                    slots.update(step[1])
                    plan.insert(0, step)
            self._plans[wanted] = plan
        return self._plans[wanted]

    def _numbers(self, slot, parameter):
        """The numbers of ``parameter`` as NumPy's array of the same memory, which is right until
        MXNet computes with them again; nothing does at the moment."""
        array = parameter.list_data()[0]  # of the model's first device
        address = address_of(array)
        known, place, view = self._views.get(slot, (None, None, None))
        if known is not array or place != address:
            view = view_of(array)
            self._views[slot] = array, address, view
        return view

    def _slot(self, key):
        return self._slots.setdefault(key, len(self._slots))

    def _value(self, entry):
        """The slot of a value, an output of a node; what computes it is added to the plan."""
        number, i = entry
        key, node = (number, i), self._nodes[number]
        op, name, inputs = node["op"], node["name"], [tuple(e[:2]) for e in node["inputs"]]
        if op == "null":
            return self._inputs[name] if name in self._inputs else self._parameter(name)
        if op in SAME:
            return self._value(inputs[0])
        if key in self._slots:
            return self._slots[key]
        rows = self._rows(inputs[0]) if op == "FullyConnected" and inputs else None
        if op == "RNN":
            function, takes = self._recurrent(node, inputs)
        elif rows:
            function = _made(fully_connected_of_rows, node)
            takes = [*rows, *map(self._value, inputs[1:])]
        else:
            more = {"in_place": self._is_spare(inputs[0])} if op == "log_softmax" else {}
            function = _made(OPERATORS.get(op), node, **more)
            takes = [self._value(one) for one in inputs]
        if op not in SEVERAL:
            self._plan.append((function, takes, self._slot(key)))
        else:
            whole = (number, "all")
            if whole not in self._slots:
                self._plan.append((function, takes, self._slot(whole)))
            self._plan.append((lambda found: found[i], [self._slots[whole]], self._slot(key)))
        return self._slots[key]

    def _parameter(self, name):
        known = self._slots.get(("parameter", name))
        if known is None:
            known = self._slot(("parameter", name))
            self._parameters.append((known, self._known[name]))
        return known

    def _recurrent(self, node, inputs):
        """The function of a layer, and the slots of what x adds, its parameters and its states."""
        x, joined, *states = inputs
        attributes, joined = attributes_of(node), self._unshaped(joined)
        own = [self._unshaped(entry) for entry in joined["inputs"]]  # as recurrent.py joins them
        own = [self._parameter(one["name"]) for one in own if one["op"] == "null"]
        one = attributes.get("num_layers"), attributes.get("bidirectional", False)
        zeros = {self._nodes[number]["op"] == "_zeros" for number, _ in states}
        if one != (1, False) or len(own) != 4 or len(zeros) != 1:
            raise NoCounterpart
        w_x, w_h, b_x, b_h = own
        parts = (x, w_x)
        if parts not in self._slots:  # the other output of a layer may have been asked for before
            rows = self._rows(x)
            product, read = (affine_of_rows, rows) if rows else (affine, [self._value(x)])
            self._plan.append((product, [*read, w_x, b_x], self._slot(parts)))
        given = [] if zeros == {True} else states
        function = recurrent(attributes["mode"], attributes["state_size"])
        return function, [self._slots[parts], w_h, b_h, *map(self._value, given)]

    def _rows(self, entry):
        """The slots of ids and of a table, of whose rows a value consists, in the ids' order: words
        embedded, which may have been put in another order since; else None."""
        node = self._nodes[entry[0]]
        op, inputs = node["op"], [tuple(e[:2]) for e in node["inputs"]]
        if op in SAME:
            return self._rows(inputs[0])
        if op == "Embedding":
            return [self._value(one) for one in inputs]
        rows = self._rows(inputs[0]) if op in MOVES and not _moves_numbers(node) else None
        if rows is None:
            return None
        ids, table = rows
        moved = (entry[0], "ids")
        if moved not in self._slots:
            function, others = _made(OPERATORS[op], node), map(self._value, inputs[1:])
            self._plan.append((function, [ids, *others], self._slot(moved)))
        return [self._slots[moved], table]

    def _multiplies(self, name):
        """Whether an input is read, as the right side of ``batch_dot`` alone."""
        number = next((i for i, node in enumerate(self._nodes) if node["name"] == name), None)
        products = (node["inputs"] for node in self._nodes if node["op"] == "batch_dot")
        return 0 < sum(right[0] == number for _, right in products) == self._readers[number, 0]

    def _is_spare(self, entry):
        """Whether a value is an array that only one operator reads, and nobody else has."""
        node = self._nodes[entry[0]]
        if self._readers[tuple(entry[:2])] > 1:
            return False
        same = node["op"] == "Reshape" or node["op"] in SAME
        return node["op"] in ANEW or (same and self._is_spare(node["inputs"][0]))

    def _unshaped(self, entry):
        """The node of a value, before anything reshaped it."""
        node = self._nodes[entry[0]]
        return self._unshaped(node["inputs"][0]) if node["op"] == "Reshape" else node


def _made(make, node, **more):
    """The function that ``make``, of :data:`OPERATORS` or its like, makes of a node's attributes;
    raises :class:`NoCounterpart` where there is none for them."""
    try:
        return make(**attributes_of(node), **more)
    except TypeError:  # None, too, can't be called
        raise NoCounterpart from None


def _moves_numbers(node):
    """Whether an operator of :data:`MOVES` has to do with the last of three axes, which ids have
    not."""
    dims = attributes_of(node)
    return node["op"] == "SwapAxis" and {dims.get("dim1", 0), dims.get("dim2", 0)} != {0, 1}


SEVERAL = "RNN", "SliceChannel"
"""Operators whose function gives a list."""
