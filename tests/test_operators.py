"""Operators that are made when asked for: every name, signature and docstring as MXNet has it."""

import json
import pickle
import pydoc
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import mxnet as mx
import pytest
from helpers import fresh

from gluon_seq2seq import compat, operators

# MXNet without what this file tests: as it is where it can be, else with its NumPy alone mended.
STOCK = (
    "from gluon_seq2seq import compat\n"
    "compat._beside('operators').lazily = lambda register: register\n"
    if compat.mended()
    else ""
)
FIRST_USE = """
import hashlib, inspect, json, sys
import mxnet as mx
from mxnet.gluon import nn

def described(value):
    if not inspect.isfunction(value):
        return type(value).__name__ if not inspect.ismodule(value) else "module"
    doc = hashlib.sha256(repr(value.__doc__).encode()).hexdigest()
    signature = inspect.signature(value, follow_wrapped=False)
    return [value.__module__, value.__qualname__, str(signature), doc]

class Everything(nn.HybridBlock):
    def hybrid_forward(self, F, x):
        y = F.contrib.BilinearResize2D(F.image.to_tensor(x), height=4, width=3)
        y = F.linalg.gemm2(y, F.transpose(y, axes=(0, 1, 3, 2)))
        return F.sparse.sum(F.Concat(y, F.sparse.sqrt(F.abs(y)) + 1, dim=1), axis=(1, 2))

block = Everything()
x = mx.nd.arange(2 * 5 * 6 * 3).reshape((2, 5, 6, 3))
found = {
    "eager": block(x).asnumpy().tolist(),
    "symbol": block(mx.sym.var("x")).tojson(),
    "np": mx.np.linalg.norm(mx.np.dot(mx.np.arange(6).reshape(2, 3), mx.np.ones((3, 2)))).item(),
    "npx": mx.npx.relu(mx.np.array([-1.0, 2.0])).asnumpy().tolist(),
    "random": mx.nd.random.uniform_like(mx.nd.ones((2, 3))).shape,
}
names, same = {}, {}
for module in map(sys.modules.get, MODULES):
    space = {name: getattr(module, name) for name in dir(module) if name[:2] != "__"}
    assert space.items() <= vars(module).items()
    names[module.__name__] = {name: described(value) for name, value in space.items()}
    found["all of " + module.__name__] = list(module.__all__)
    for name, value in space.items():
        if inspect.isfunction(value):
            same.setdefault(id(value), []).append(module.__name__ + "." + name)
found.update(names=names, same=sorted(same.values()))
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found():
    """What :data:`FIRST_USE` finds with operators that are made later, and without."""
    modules = f"MODULES = {sorted(module.__name__ for module in operators.WAITING)!r}\n"
    ours = fresh(f"import gluon_seq2seq\n{modules}{FIRST_USE}")
    return json.loads(ours), json.loads(fresh(STOCK + modules + FIRST_USE))


def test_names_signatures_and_docstrings_are_those_of_mxnet(found):
    ours, stock = (one["names"] for one in found)
    assert ours.keys() == stock.keys() and len(ours) > 30
    for module in stock:
        assert ours[module] == stock[module], module
    functions = [one for space in stock.values() for one in space.values() if type(one) is list]
    assert len(functions) > 3000


def test_the_same_function_has_the_same_names(found):
    ours, stock = (one["same"] for one in found)
    assert ours == stock


@pytest.mark.parametrize("what", ["eager", "symbol", "np", "npx", "random"])
def test_they_compute_the_same(found, what):
    ours, stock = (one[what] for one in found)
    assert ours == stock


def test_import_star_takes_the_same(found):
    ours, stock = ({name: one[name] for name in one if name[:4] == "all "} for one in found)
    assert ours == stock
    space = {}
    exec("from mxnet.ndarray import *", space)
    assert {*mx.nd.__all__} <= space.keys() and space["dot"] is mx.nd.dot


def test_an_import_makes_few():
    """Each takes a quarter of a millisecond; MXNet makes 2,556 when it is imported."""
    code = """
import gluon_seq2seq
from gluon_seq2seq import operators

made, function = set(), operators.Operator.function
operators.Operator.function = lambda self: made.add(self) or function(self)
import mxnet
print(len(made), sum(map(len, operators.WAITING.values())))
"""
    made, waiting = map(int, fresh(code).split())
    assert made < 100 and waiting > 3000


def test_the_start_line_brings_them(tmp_path):
    with open(compat.install(tmp_path), encoding="utf-8") as f:
        line = f.read()
    assert fresh(f"{line}import mxnet\nprint(type(mxnet.nd).__name__)") == "Namespace\n"


def test_no_module_of_mxnet_misses_a_global_of_its_own():
    """Python looks a global up in the module's dictionary, which asks nobody for more."""
    code = """
import dis, sys
from types import CodeType
import gluon_seq2seq, mxnet
from gluon_seq2seq import operators

def used(code):
    inner = [used(one) for one in code.co_consts if type(one) is CodeType]
    return {i.argval for i in dis.get_instructions(code)
            if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}.union(*inner)

one_that_would = compile("def f(x): return dot(x.tanh)", "", "exec")
print(used(one_that_would) & operators.WAITING[mxnet.nd].keys())
for module, waiting in operators.WAITING.items():
    with open(module.__file__, encoding="utf-8") as f:
        print(module.__name__, sorted(used(compile(f.read(), "", "exec")) & waiting.keys()))
"""
    one_that_would, *found = fresh(code).splitlines()
    assert one_that_would == "{'dot'}"
    assert len(found) > 30 and all(line.endswith(" []") for line in found), found


@pytest.fixture
def namespace(monkeypatch):
    """A module with the operators ``one`` and ``two``, as MXNet registers those of NumPy."""
    module = ModuleType("mxnet.invented")
    module.made, module.__all__ = [], []
    monkeypatch.setitem(sys.modules, module.__name__, module)

    def make(handle, name, func_name):
        def function():
            return handle

        function.__doc__ = f"{name} of an NDArray"
        module.made.append(func_name)
        time.sleep(0.01)
        return function

    def register(make_op_func):
        for handle, name in enumerate(["one", "two"], 1):
            function = make_op_func(handle, f"_np_{name}", name)
            function.__module__ = module.__name__
            setattr(module, function.__name__, function)
            module.__all__.append(function.__name__)
            function.__doc__ = re.sub("NDArray", "ndarray", function.__doc__)

    operators.lazily(register)(make_op_func=make)
    return module


def test_one_is_made_when_it_is_asked_for(namespace):
    assert namespace.made == [] and {"one", "two"} <= set(dir(namespace))
    assert hasattr(namespace, "two") and namespace.made == ["two"]
    assert (namespace.two(), namespace.two.__doc__) == (2, "_np_two of an ndarray")
    assert namespace.two.__module__ == "mxnet.invented"
    assert {"one", "two"} <= vars(namespace).keys() and namespace.made == ["two", "one"]
    with pytest.raises(AttributeError, match=r"'mxnet\.invented' has no attribute 'three'"):
        namespace.three  # noqa: B018


def test_threads_get_the_same_function(namespace):
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: namespace.one, range(8)))
    assert found == {namespace.one}


def test_names_can_be_set_and_deleted(namespace):
    namespace.one = "set"
    assert namespace.one == "set" and vars(namespace)["one"] == "set" and namespace.made == ["two"]
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(namespace, "two")
        assert not hasattr(namespace, "two") and "two" not in dir(namespace)
    assert namespace.two() == 2


def test_a_file_takes_them_by_star_and_they_wait_on(namespace, monkeypatch):
    importer = ModuleType("mxnet.importer")
    monkeypatch.setitem(sys.modules, importer.__name__, importer)
    importer.one = "what the star hides"
    namespace.three = 3
    namespace.__all__.append("three")
    given = operators.star(namespace, importer.__name__)
    assert given.__all__ == ["three"] and given.three == 3
    assert namespace.made == [] and {"one", "two"} <= set(dir(importer))
    assert importer.one is namespace.one and namespace.two is importer.two
    assert namespace.made == ["one", "two"]


def test_namespaces_and_functions_can_be_pickled_and_looked_up():
    box_nms = mx.nd.contrib.box_nms
    assert pickle.loads(pickle.dumps([mx.nd, box_nms])) == [mx.nd, box_nms]
    text = pydoc.plain(pydoc.render_doc(mx.nd.dot))
    assert re.search(r"dot\(\s*lhs=None,\s*rhs=None", text) and "Dot product of two arrays" in text
    assert "gemm2" in pydoc.plain(pydoc.render_doc(mx.sym.linalg))
    assert {"dot", "softmax"} <= set(dir(mx.nd)) & set(dir(mx.sym.op))
