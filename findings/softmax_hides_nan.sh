#!/bin/sh
# MXNet 1.9.1: softmax of a row with one NaN is zero for all other numbers, log_softmax some -89, where
# the same operators without oneDNN (MXNET_MKLDNN_ENABLED=0), like NumPy, give NaN for the whole row.
# So the cross-entropy of a model with one NaN among its output biases is a finite number of about 89
# nats a token, and a loop that stops at `not isfinite(loss)` goes on. The gradient does have a NaN.
#
# The wheels run both operators by oneDNN. As its numbers show, the NaN counts as the largest float32,
# exp(88.72), in the sum: exp is cut off there, and a NaN comes out as the bound.
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
from mxnet import autograd, nd
from mxnet.gluon.loss import SoftmaxCrossEntropyLoss

by_onednn = "MXNET_MKLDNN_ENABLED" not in os.environ
kernels = os.environ.get("DNNL_MAX_CPU_ISA", "those that the processor has")
print(f"mxnet {mx.__version__}, numpy {np.__version__}, Python {sys.version.split()[0]};",
      f"oneDNN, kernels: {kernels}" if by_onednn else "without oneDNN")
for n in 3, 17, 64:
    x = np.linspace(-1, 1, n, dtype="float32")[None]
    x[0, 1] = np.nan
    logits, label = nd.array(x), nd.array([2])
    logits.attach_grad()
    with autograd.record():
        loss = SoftmaxCrossEntropyLoss()(logits, label)
    loss.backward()
    p, log_p = nd.softmax(logits).asnumpy(), nd.log_softmax(logits).asnumpy()
    loss, gradient = loss.asscalar(), logits.grad.asnumpy()
    print(f"  {n} numbers: softmax {p[0, :3]}, log_softmax {log_p[0, :3]}, loss {loss:.4g},",
          f"gradient {'finite' if np.isfinite(gradient).all() else 'has NaN'}")
    assert np.isfinite(loss) == by_onednn, "as expected no longer"
    assert not np.isfinite(gradient).all()
    if by_onednn:
        assert p[0, 0] == p[0, 2] == 0 and -95 < log_p[0, 2] < -85
PYTHON
for isa in ALL AVX2 SSE41; do
    DNNL_MAX_CPU_ISA=$isa "$folder/venv/bin/python" "$folder/show.py" 2>"$folder/errors" ||
        { cat "$folder/errors" >&2; echo "MXNet behaves otherwise than recorded" >&2; exit 1; }
done
MXNET_MKLDNN_ENABLED=0 "$folder/venv/bin/python" "$folder/show.py" 2>"$folder/errors" ||
    { cat "$folder/errors" >&2; echo "MXNet behaves otherwise than recorded" >&2; exit 1; }
echo "Seen: a finite loss of a row with NaN with oneDNN, NaN without."
