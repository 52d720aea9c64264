#!/bin/sh
# Sets the project up with one Python, beside others, and tries the main things once.
#
#   sh tools/smoke.sh [PYTHON]             (default: python3)
#
# Imports all four libraries, trains on the smallest corpus from a fixed seed, translates with that
# model and with those that other Pythons left in build/smoke, and runs a notebook. Prints the
# SHA-256 of the parameters: the same with every Python. The environment is removed at the end.
set -eu
cd "$(dirname "$0")/.."

PYTHON=${1:-python3}
minor=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
VENV=build/venv-$minor
model=build/smoke/$minor
trap 'rm -rf "$VENV" "$VENV.lock"' EXIT
mkdir -p build/smoke

say() { printf 'Python %s: %s\n' "$minor" "$*"; }
seq2seq() { "$VENV/bin/gluon-seq2seq" "$@"; }

VENV="$VENV" PYTHON="$PYTHON" sh tools/setup_venv.sh jupyter
"$VENV/bin/python" -m pip check
"$VENV/bin/python" -W ignore -c 'import mxnet, gluonnlp, d2l.mxnet, gluon_seq2seq, numpy as np
print(mxnet.nd.zeros((np.int64(2), 3)).shape, "with NumPy", np.__version__)'
seq2seq train --data tiny --out "$model" --overwrite --seed 0 --device cpu --epochs 30 \
    --batch-size 8 --embed-size 64 --num-hiddens 128 --drop-prob 0.3
say "parameters $("$VENV/bin/python" -c 'import hashlib, pathlib, sys
newest = sorted(pathlib.Path(sys.argv[1]).glob("model-*/model.params"))[-1]
print(hashlib.sha256(newest.read_bytes()).hexdigest())' "$model" | tee "$model.sha256")"
for other in build/smoke/3.*/; do
    said=$(echo 'They are watching.' | seq2seq translate --model "$other")
    say "with the model of $(basename "$other"): They are watching. -> $said"
    [ "$said" = 'Ils regardent.' ]
done
"$VENV/bin/jupyter" nbconvert --to notebook --execute --stdout --log-level ERROR \
    notebooks/en/02_encoder.ipynb >/dev/null
say 'notebook 2 runs'
