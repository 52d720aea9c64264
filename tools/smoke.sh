#!/bin/sh
# Sets the project up with one Python, beside others, and tries the main things once.
#
#   sh tools/smoke.sh PYTHON [FOLDER]      FOLDER: where the models stay (default build/smoke)
#
# Imports all four libraries, trains on the smallest corpus from a fixed seed, translates with that
# model and with those that other Pythons left in FOLDER, and runs a notebook. Prints the
# parameters' SHA-256: the same with every Python. The environment is removed at the end.
set -eu
cd "$(dirname "$0")/.."

PYTHON=$1
FOLDER=${2:-build/smoke}
minor=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
VENV=.venv-smoke-$minor
model=$FOLDER/$minor
trap 'rm -rf "$VENV" "$VENV.lock"' EXIT
mkdir -p "$FOLDER"

say() { printf 'Python %s: %s\n' "$minor" "$*"; }

VENV="$VENV" PYTHON="$PYTHON" sh tools/setup_venv.sh
"$VENV/bin/python" -m pip check
"$VENV/bin/python" -c 'import mxnet, gluonnlp, d2l.mxnet, gluon_seq2seq, numpy as np
print(mxnet.nd.zeros((np.int64(2), 3)).shape, "with NumPy", np.__version__)'
"$VENV/bin/gluon-seq2seq" train --data tiny --out "$model" --overwrite --seed 0 --device cpu \
    --epochs 30 --batch-size 8 --embed-size 64 --num-hiddens 128 --drop-prob 0.3
say "$(find "$model" -name model.params -path '*/model-*' | sort | tail -n 1 | xargs cksum -a sha256)"
for other in "$FOLDER"/3.*; do
    said=$(echo 'They are watching.' | "$VENV/bin/gluon-seq2seq" translate --model "$other")
    say "with the model of ${other##*/}: They are watching. -> $said"
    [ "$said" = 'Ils regardent.' ]
done
"$VENV/bin/jupyter" nbconvert --to notebook --execute --stdout --log-level ERROR \
    notebooks/en/02_encoder.ipynb >/dev/null
say 'notebook 2 runs'
