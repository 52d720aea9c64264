#!/bin/sh
# Trains the models that come with the package, data/models: about seven minutes.
set -eu
cd "$(dirname "$0")/.."
made=build/weights
rm -rf "$made"

train() {
    name=$1
    shift
    OMP_NUM_THREADS=1 "${VENV:-.venv}/bin/gluon-seq2seq" train --data mini-10k \
        --embed-size 128 --num-hiddens 128 --out "$made/$name" "$@"
}

train mini-book --model book --drop-prob 0.2 --epochs 16
train mini-bahdanau2015 --model bahdanau2015 --drop-prob 0.3 --epochs 12
train mini-luong2015 --model luong2015 --score concat --drop-prob 0.3 --epochs 16

for run in "$made"/*; do
    shipped=data/models/$(basename "$run")
    rm -rf "$shipped"
    mkdir -p "$shipped"
    newest=$(printf '%s\n' "$run"/model-* | tail -n 1)
    cp -r "$newest" "$shipped/model-0001"
    cp "$run/history.json" "$shipped/"
done
