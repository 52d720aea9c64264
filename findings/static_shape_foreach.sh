#!/bin/sh
# MXNet 1.9.1: a foreach between other operators gives wrong numbers, in silence, when its Block is
# hybridized with static_shape=True. The same Block is right eager, hybridized, with static_alloc,
# and with all flags on the engine that runs one operator after the other (NaiveEngine).
#
# Without the flag MXNet runs an operator that has a graph inside in the main thread. With it,
# CachedOp (CreateEngineOpSeg in src/imperative/imperative_utils.h) pushes foreach to the engine as
# any operator, then those that read its output; its steps are pushed when it runs, behind these
# readers, which find what stood there before: the answer to the input of the call before, or anything, NaN at times.
set -eu

python=${PYTHON:-}
for name in python3.11 python3.10 python3.9 python3.8 python3; do
    [ -z "$python" ] || break
    command -v "$name" >/dev/null || continue
    "$name" -c 'import sys; sys.exit(not (3, 8) <= sys.version_info < (3, 12))' && python=$name
done
[ -n "$python" ] || { echo "no Python 3.8 to 3.11 found: set PYTHON=" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    mxnet==1.9.1 numpy==1.23.5
cat >"$folder/show.py" <<'PYTHON'
import os
import sys

import mxnet as mx
import numpy as np
from mxnet import nd
from mxnet.gluon import HybridBlock, nn, rnn


class Net(HybridBlock):
    """A GRU cell over x (T, N, 5), one step after the other, then a dense layer."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.before = nn.Dense(6, flatten=False, in_units=5)
            self.cell = rnn.GRUCell(6, input_size=6)
            self.after = nn.Dense(5, flatten=False, in_units=6)

    def hybrid_forward(self, F, x):
        x = self.before(x)  # (T, N, 6)
        h_0 = F.zeros_like(F.slice_axis(x, axis=0, begin=0, end=1)).reshape((-3, 0))  # (N, 6)
        h, _ = F.contrib.foreach(self.cell, x, [h_0])
        return self.after(h)


mx.random.seed(0)
net = Net()
net.initialize(mx.init.Uniform(0.5))
inputs = [nd.random.normal(shape=(4, 3, 5)) for _ in range(20)]
right = [net(x).asnumpy() for x in inputs]
engine = os.environ.get("MXNET_ENGINE_TYPE", "the default engine")
print(f"mxnet {mx.__version__}, numpy {np.__version__}, Python {sys.version.split()[0]}, {engine}")
worst = {}
for flags in {}, {"static_alloc": True}, {"static_alloc": True, "static_shape": True}:
    net.hybridize(**flags)
    found = [net(x).asnumpy() for x in inputs]
    off = [float(np.abs(a - b).max()) for a, b in zip(found, right)]
    late = sum(np.allclose(a, b, atol=1e-6) for a, b in zip(found[1:], right))
    worst[len(flags)] = max(np.inf if np.isnan(d) else d for d in off)
    print(f"  hybridize({flags}): off by", *(f"{d:.3g}" for d in off[:5]), "...")
    print(f"    {late} of 19 are the answer to the input of the call before")
wrong = worst[2] > 1e-2
assert max(worst[0], worst[1]) < 1e-6, "wrong without static_shape too"
assert wrong == ("MXNET_ENGINE_TYPE" not in os.environ), "as expected no longer"
PYTHON
for engine in "" NaiveEngine; do
    (
        [ -z "$engine" ] || export MXNET_ENGINE_TYPE="$engine"
        "$folder/venv/bin/python" "$folder/show.py" 2>"$folder/errors"
    ) || { cat "$folder/errors" >&2; echo "MXNet behaves otherwise than recorded" >&2; exit 1; }
done
echo "Seen: wrong numbers with static_shape=True on the default engine, right ones everywhere else."
