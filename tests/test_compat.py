"""MXNet on today's NumPy and Python: 28 calls with NumPy's integers, and NumPy left as it is."""

import os
import sys
import warnings

import mxnet as mx
import numpy as np
import pytest
from helpers import fresh
from mxnet.gluon import nn, rnn

from gluon_seq2seq import compat

ROOT = os.path.dirname(os.path.dirname(compat.__file__))
n, one = np.int64(2), np.int32(1)
DATA = np.arange(24, dtype="float32").reshape(2, 3, 4)


def block(layer, *inputs):
    layer.initialize()
    return layer(*inputs)


X = mx.nd.array(DATA)
CALLS = {
    "slice of two axes": (lambda: X[:2, :n], DATA[:2, :2]),
    "slice with a step": (lambda: X[:, :, :: np.int64(2)], DATA[:, :, ::2]),
    "index": (lambda: X[one], DATA[1]),
    "assignment to a slice": (lambda: assigned(), [[7, 7, 0], [7, 7, 0]]),
    "zeros": (lambda: mx.nd.zeros((n, 3)), np.zeros((2, 3))),
    "ones": (lambda: mx.nd.ones((n, one)), np.ones((2, 1))),
    "full": (lambda: mx.nd.full((n, 3), 5), np.full((2, 3), 5)),
    "empty": (lambda: mx.nd.empty((n, 3)).shape, (2, 3)),
    "arange": (lambda: mx.nd.arange(np.int64(3)), np.arange(3)),
    "eye": (lambda: mx.nd.eye(n), np.eye(2)),
    "reshape": (lambda: X.reshape((n, np.int64(12))), DATA.reshape(2, 12)),
    "transpose": (lambda: X.transpose((n, 0, one)), DATA.transpose(2, 0, 1)),
    "swapaxes": (lambda: X.swapaxes(one, n), DATA.swapaxes(1, 2)),
    "moveaxis": (lambda: mx.nd.moveaxis(X, 0, n), np.moveaxis(DATA, 0, 2)),
    "expand_dims": (lambda: X.expand_dims(one), DATA[:, None]),
    "broadcast_to": (lambda: X[:, :1].broadcast_to((n, 3, 4)), DATA[:, :1].repeat(3, 1)),
    "tile": (lambda: X.tile((one, n, 1)), np.tile(DATA, (1, 2, 1))),
    "sum over axes": (lambda: X.sum(axis=(one, n)), DATA.sum((1, 2))),
    "slice_axis": (lambda: X.slice_axis(axis=one, begin=0, end=n), DATA[:, :2]),
    "split": (lambda: X.split(n, axis=np.int64(2))[0], DATA[:, :, :2]),
    "one_hot": (lambda: mx.nd.one_hot(mx.nd.array([1]), np.int64(3)), [[0, 1, 0]]),
    "pad": (
        lambda: mx.nd.array(DATA[None]).pad("constant", (0,) * 6 + (one, n)).shape,
        (1, 2, 3, 7),
    ),
    "random.uniform": (lambda: mx.nd.random.uniform(shape=(n, 3)).shape, (2, 3)),
    "random.normal": (lambda: mx.nd.random.normal(shape=(np.int64(3),)).shape, (3,)),
    "Dense": (lambda: block(nn.Dense(n, flatten=False), X).shape, (2, 3, 2)),
    "Embedding": (lambda: block(nn.Embedding(n, np.int64(3)), mx.nd.ones(2)).shape, (2, 3)),
    "GRU": (lambda: block(rnn.GRU(n, np.int64(2)), X).shape, (2, 3, 2)),
    "begin_state": (lambda: rnn.GRU(4).begin_state(n)[0], np.zeros((1, 2, 4))),
    "symbol": (lambda: evaluated(mx.sym.zeros((n, 3))), np.zeros((2, 3))),
    "symbol variable": (lambda: inferred(mx.sym.var("x", shape=(n, 3))), [(2, 3)]),
    "data iterator": (lambda: iterated(), np.zeros((2, 3))),
    "np array": (lambda: mx.np.zeros((n, 3)), np.zeros((2, 3))),
}


def assigned():
    array = mx.nd.zeros((2, 3))
    array[:, :n] = 7
    return array


def evaluated(symbol):
    return symbol.bind(mx.cpu(), {}).forward()[0]


def inferred(symbol):
    return (symbol * 2).infer_shape()[1]


def iterated():
    batches = mx.io.NDArrayIter(mx.nd.zeros((4, 3)), batch_size=n)
    return next(batches).data[0]


@pytest.mark.parametrize("name", CALLS)
def test_numpy_integers_in_calls(name):
    call, expected = CALLS[name]
    found = call()
    found = found.asnumpy() if hasattr(found, "asnumpy") else found
    np.testing.assert_array_equal(found, expected)


def test_hybridized_layers_with_numpy_sizes():
    layer = nn.HybridSequential()
    layer.add(nn.Dense(n, flatten=False), nn.HybridLambda(lambda F, x: F.reshape(x, (n, -1))))
    layer.initialize()
    eager = layer(X).asnumpy()
    layer.hybridize()
    np.testing.assert_array_equal(layer(X).asnumpy(), eager)


@pytest.mark.parametrize(
    "value, text",
    [
        ((n, 3), "(2, 3)"),
        ((n,), "(2,)"),
        ((), "()"),
        ([n, (one, None)], "[2, (1, None)]"),
        ((np.float32(0.1), True), "(0.1, True)"),
        ((np.bool_(True), "a"), "(True, 'a')"),
        (n, "2"),
        ("(np.int64(2),)", "(np.int64(2),)"),
        (None, "None"),
    ],
)
def test_parameters_as_text(value, text):
    assert compat.PlainText(value) == text
    assert type(compat.PlainText(value)) is str
    assert isinstance(text, compat.PlainText) and not isinstance(1, compat.PlainText)


def test_numpy_stays_as_it_is():
    code = (
        "import numpy, numpy.linalg, numpy.lib, numpy.random, numpy.testing, sys\n"
        "import scipy.stats, scipy.sparse\n"
        "spaces = [numpy, numpy.linalg, numpy.lib, numpy.random, numpy.testing]\n"
        "before = [dict(vars(space)) for space in spaces]\n"
        "text = repr((numpy.int64(2), 3))\n"
        "import gluon_seq2seq as gs\n"
        "gs.book, gs.Translator\n"
        "import mxnet\n"
        "for space, old in zip(spaces, before):\n"
        "    new = vars(space)\n"
        "    changed = {k for k in new if new[k] is not old.get(k)} | (set(old) - set(new))\n"
        "    from types import ModuleType\n"
        "    print(sorted(k for k in changed if not isinstance(new.get(k), ModuleType)))\n"
        "print(text == repr((numpy.int64(2), 3)), sys.modules['numpy'] is numpy)\n"
    )
    assert fresh(code).split("\n") == ["[]"] * 5 + ["True True", ""]


def test_others_keep_their_import_and_str():
    code = (
        "import builtins, json, gluon_seq2seq, mxnet\n"
        "print(vars(json)['__builtins__'] is vars(builtins))\n"
        "for module in mxnet._ctypes.symbol, mxnet.gluon.block, json:\n"
        "    print('str' in vars(module))\n"
    )
    assert fresh(code).split() == ["True", str(np.__version__[0] == "2"), "False", "False"]


def test_a_failed_import_is_forgotten():
    if not compat.mended():
        pytest.skip("MXNet's import does not fail on this NumPy and Python")
    code = (
        "try:\n    import mxnet\nexcept Exception as error:\n    print('failed')\n"
        "import gluon_seq2seq, numpy, mxnet\n"
        "print(mxnet.nd.zeros((numpy.int64(2), 3)).shape)\n"
    )
    assert fresh(code) == "failed\n(2, 3)\n"


def test_the_start_line(tmp_path):
    path = compat.install(tmp_path)
    with open(path, encoding="utf-8") as f:
        (line,) = f.readlines()
    assert fresh(line + "print(1)\nimport mxnet\nprint(mxnet.__version__)") == "1\n1.9.1\n"
    gone = line.replace("compat.py", "no such file.py")
    assert fresh(gone + "print(2)") == "2\n", "a package that was removed breaks no Python"


def test_the_users_own_folder(monkeypatch, tmp_path):
    environment, user = tmp_path / "environment", tmp_path / "user"
    environment.mkdir()
    user.mkdir()
    monkeypatch.setattr(compat, "_site_folders", lambda: [str(environment), str(user)])
    assert not compat.installed()
    monkeypatch.setattr(compat, "__file__", str(user / "gluon_seq2seq" / "compat.py"))
    assert compat.install() == str(user / compat.PTH) and compat.installed()
    monkeypatch.setattr(compat, "__file__", os.path.join(ROOT, "gluon_seq2seq", "compat.py"))
    assert compat.install() == str(environment / compat.PTH)


def test_what_is_hardly_used_waits_until_it_is():
    code = (
        "import sys, gluon_seq2seq, mxnet as mx\n"
        "from mxnet.onnx.mx2onnx._op_translations import _op_translations_opset13 as opset\n"
        "def loaded(): return [name for name in sorted(compat.LATER) if name in sys.modules]\n"
        "from gluon_seq2seq import compat\n"
        "array = mx.nd.array([[0, 2], [0, 0]])\n"
        "print(loaded())\n"
        "print(mx.test_utils.ss.norm.cdf(0.0), mx.gluon.utils.requests.codes.ok)\n"
        "print(opset.onnx.helper.make_node('Add', ['a', 'b'], ['c']).output)\n"
        "matrix = array.tostype('csr').asscipy().todense()\n"
        "mx.test_utils.npt.assert_array_equal(matrix, [[0, 2], [0, 0]])\n"
        "from scipy.sparse import csr_matrix\n"
        "for make in mx.nd.array, mx.nd.sparse.array, mx.nd.sparse.csr_matrix:\n"
        "    print(type(make(csr_matrix([[0, 3]]))).__name__)\n"
        "print(loaded() == sorted(compat.LATER))\n"
    )
    made = "0.5 200\n['c']\n" + 3 * "CSRNDArray\n"
    assert fresh(code, "-W", "ignore") == f"[]\n{made}True\n"


def test_what_is_not_there_is_missing_as_ever(monkeypatch):
    monkeypatch.setattr(compat, "_is_there", lambda package: False)
    monkeypatch.setitem(sys.modules, "requests", None)
    with pytest.raises(ImportError, match="requests"):
        compat._import("requests")


def test_it_costs_no_import():
    code = "import sys, gluon_seq2seq.cli\nprint(*(name in sys.modules for name in {!r}))"
    dear = "mxnet", "numpy", "gluon_seq2seq.corpus.readers"  # the command line knows no more
    assert fresh(code.format(dear)) == "False False False\n"


def test_the_old_names_are_those_of_numpy_1_23():
    names = compat._removed_names(np)
    old = compat.OldNumPy("numpy")
    vars(old).update(names)
    values = np.array([[3.0, 1.0], [2.0, 2.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert (float("inf"), float("-inf"), 0.0) == (old.PINF, old.NINF, old.PZERO)
        assert np.signbit(old.NZERO) and np.isnan(old.NaN) and np.isnan(old.NAN)
        assert old.bool is bool
        assert (old.alltrue(values > 0), old.sometrue(values > 3)) == (True, False)
        assert (old.product(values), old.round_(1.26, 1)) == (12.0, 1.3)
        assert (old.msort(values) == [[2, 1], [3, 2]]).all()
        assert old.trapz([1.0, 2.0, 3.0]) == 4.0
        assert (old.in1d(values, [2.0]) == [False, False, True, True]).all()
        assert old.compat.basestring is str
        assert old.core.numeric.normalize_axis_tuple(-1, 3) == (2,)
    with pytest.raises(RuntimeError, match="financial"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.npv(0.1, [1.0])
    assert not hasattr(old, "there_is_no_such_name")


def test_versions_compare():
    assert compat.Version("1.9") < compat.Version("1.17") <= compat.Version("1.17.0rc1")
    assert compat.Version("2.5.5") >= compat.Version("1.15")


def test_the_copy_that_an_environment_activates_gives_way():
    """Its finder may be older than what the package that is imported needs."""
    code = """
import sys
from importlib.machinery import SourceFileLoader
import gluon_seq2seq.compat as ours
other = type(sys)("mxnet_compat")
SourceFileLoader("mxnet_compat", ours.__file__).exec_module(other)
sys.meta_path[:] = [f for f in sys.meta_path if not hasattr(f, "mends_mxnet")]
for module in other, ours, ours:
    module.activate()
    print([type(f) is module.Finder for f in sys.meta_path if hasattr(f, "mends_mxnet")])
import mxnet
other.activate()
print([type(f) is ours.Finder for f in sys.meta_path if hasattr(f, "mends_mxnet")])
"""
    assert fresh(code).split("\n")[-5:-1] == ["[True]"] * 4
