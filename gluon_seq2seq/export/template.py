"""Translate with the graphs beside this file: python translate.py "They are watching."

Needs numpy, and onnxruntime for ``*.onnx`` or mxnet for ``*-symbol.json``; sentencepiece for a
model of subwords. What it calls is in ``words/``: the tokenizers, the step and the search of
gluon_seq2seq. One sentence at a time.
"""

import argparse
import math
import os
import sys
from pathlib import Path

from words.errors import DataError, ModelError, Seq2SeqError
from words.text.tokenizer import BOS, EOS, MAX_TOKENS
from words.translation.exported import GRAPHS, ExportedModel, load
from words.translation.search import beam, greedy

HERE = Path(__file__).resolve().parent


class Symbol:
    """A graph of MXNet's, called as :class:`words.translation.exported.Graph` is."""

    def __init__(self, name):
        from mxnet import cpu, gluon, nd, sym

        self.path, self.array = HERE / f"{name}-symbol.json", nd.array
        symbol = sym.load(str(self.path))
        count = len(symbol.list_outputs())
        if name == "source":
            outputs = ["state", *(f"source_{i}" for i in range(count - 1))]
        else:
            outputs = ["log_p", "next_state", "alpha"][:count]
        self.outputs = {output: () for output in outputs}  # of any shape
        graph_inputs = "X", "valid_length", "y_prev", "state"
        inputs = symbol.list_inputs()
        self.inputs = [i for i in inputs if i in graph_inputs or i.startswith("source_")]
        parameters = str(HERE / f"{name}-0000.params")
        self.block = gluon.SymbolBlock.imports(str(self.path), self.inputs, parameters, cpu())

    def __call__(self, wanted, inputs):
        arrays = [self.array(inputs[name], dtype=inputs[name].dtype) for name in self.inputs]
        found = self.block(*arrays)
        found = dict(zip(self.outputs, found if isinstance(found, list) else [found]))
        return [found[name].asnumpy() for name in wanted]


def model():
    """The model in this folder."""
    if (HERE / "step.onnx").is_file():
        return load(HERE)
    return ExportedModel(HERE, {}, {name: Symbol(name) for name in GRAPHS})


def translate(model, sentence, beam_size=1):
    """The translation of ``sentence``; raises DataError for one that is too long,
    ModelError where the model computes NaN."""
    source, target = model.src_vocab.encode(sentence), model.tgt_vocab
    if len(source) == 1:
        return ""
    if len(source) > MAX_TOKENS:
        raise DataError(
            f"{len(source):,} tokens, at most {MAX_TOKENS} can be translated: cut it up"
        )
    step = model.step()
    task = step, step.first([source]), target[BOS], target[EOS], [2 * len(source) + 10]
    found = greedy(*task) if beam_size == 1 else beam(*task, beam_size)[0]
    if not found or math.isnan(found[0].log_p):
        raise ModelError("the model gives no probabilities, only NaN: train it again")
    return target.decode(found[0].ids)


def main():
    """Translate the words of the command line, or standard input line by line; the exit code
    is 3 where a line gave no translation."""
    parser = argparse.ArgumentParser(description="Translate with the graphs beside this file.")
    parser.add_argument("sentence", nargs="*", help="What to translate (standard input).")
    parser.add_argument("--beam-size", type=int, default=1, help="How many hypotheses to keep (1).")
    args = parser.parse_args()
    if not 1 <= args.beam_size <= 1000:
        parser.error("--beam-size: use 1 to 1000; each hypothesis takes memory")
    own, code = model(), 0
    lines = map(os.fsencode, args.sentence) if args.sentence else sys.stdin.buffer
    for number, line in enumerate(lines, 1):
        try:
            found = translate(own, line.decode("utf-8-sig"), args.beam_size)
        except (UnicodeDecodeError, DataError) as error:
            problem = error if isinstance(error, DataError) else "not UTF-8"
            complain(f"line {number}: {problem}; its line is left blank")
            found, code = "", 3
        sys.stdout.buffer.write(f"{found}\n".encode())  # UTF-8, whatever the terminal is set to
        sys.stdout.buffer.flush()
    if code:
        sys.exit(code)


def complain(line):
    """Print ``line`` to standard error."""
    if sys.stderr is not None:  # else print would write to standard output
        print(line, file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except Seq2SeqError as error:
        complain(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
