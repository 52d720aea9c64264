#!/bin/sh
# MXNet 1.9.1: what mxnet.autograd.Function.backward returns is dropped without a word
# - for an input whose grad_req is "add": its gradient stays as it was;
# - for every input after the first one that wants no gradient: theirs is 0.
# So a layer with a gradient of its own, called as f(data, weight), does not train its weight, where
# f(weight, data) does; and gradients summed over several batches, as grad_req="add" is for, are 0.
# The same formulas of mx.nd's own operators have the right gradients in all of these cases.
#
# backward_entry in mxnet/autograd.py returns at the first input without a request, before it has
# written those that follow, and compares the request, a number, with the word "add".
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
import sys

import mxnet as mx
import numpy as np
from mxnet import autograd, nd


class Weighted(autograd.Function):
    """2 a + 3 b."""

    def forward(self, a, b):
        return 2 * a + 3 * b

    def backward(self, dy):
        return 2 * dy, 3 * dy


def by_operators(a, b):
    return 2 * a + 3 * b


def gradients(call, requests):
    """Those of a and b, None where none is asked for, after one backward."""
    arrays = [nd.ones(1), nd.ones(1)]
    for array, request in zip(arrays, requests):
        if request:
            array.attach_grad(request)
    with autograd.record():
        y = call(*arrays)
    y.backward()
    return [array.grad.asscalar() if request else None for array, request in zip(arrays, requests)]


print(f"mxnet {mx.__version__}, numpy {np.__version__}, Python {sys.version.split()[0]};",
      "gradients of 2 a + 3 b in a and b")
seen = {
    ("write", "write"): [2, 3],
    ("write", None): [2, None],
    (None, "write"): [None, 0],
    ("add", "write"): [0, 3],
    ("write", "add"): [2, 0],
    ("add", "add"): [0, 0],
}
for requests, wrong in seen.items():
    found, right = gradients(Weighted(), requests), gradients(by_operators, requests)
    print(f"  grad_req {requests}: Function {found}, operators {right}")
    assert right == [value if request else None for value, request in zip((2, 3), requests)]
    assert found == wrong, "as expected no longer"
PYTHON
"$folder/venv/bin/python" "$folder/show.py" 2>"$folder/errors" ||
    { cat "$folder/errors" >&2; echo "MXNet behaves otherwise than recorded" >&2; exit 1; }
echo "Seen: gradients of 0 from autograd.Function, and nothing said."
