"""Translate with the graphs beside this file: python translate.py "They are watching."

Needs numpy, and onnxruntime for ``*.onnx`` or mxnet for ``*-symbol.json``; sentencepiece for a
model of subwords. Beam search as in gluon_seq2seq, one sentence at a time.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np
from words.errors import DataError
from words.text.subwords import tokenizer_of
from words.text.tokenizer import BOS, EOS, PAD, UNK

HERE = Path(__file__).resolve().parent


def load(name):
    """A graph as a function of its inputs, numpy arrays by name; returns the list of outputs."""
    if (HERE / f"{name}.onnx").is_file():
        import onnxruntime

        session = onnxruntime.InferenceSession(
            str(HERE / f"{name}.onnx"), providers=["CPUExecutionProvider"]
        )
        return lambda **inputs: session.run(None, inputs)
    from mxnet import cpu, gluon, nd

    path, blocks = str(HERE / name), {}

    def run(**inputs):
        if not blocks:
            files = f"{path}-symbol.json", f"{path}-0000.params"
            blocks[name] = gluon.SymbolBlock.imports(files[0], list(inputs), files[1], cpu())
        arrays = [nd.array(array, dtype=array.dtype) for array in inputs.values()]
        outputs = blocks[name](*arrays)
        return [a.asnumpy() for a in (outputs if isinstance(outputs, list) else [outputs])]

    return run


class Side:
    """The vocabulary and the tokenizer of one language."""

    def __init__(self, name):
        fields = json.loads((HERE / f"{name}_vocab.json").read_text("utf-8"))
        self.tokenizer, self.tokens = tokenizer_of(fields["tokenizer"]), fields["tokens"]
        self.ids = {token: i for i, token in enumerate(self.tokens)}

    def encode(self, sentence):
        tokens = [*self.tokenizer.tokenize(sentence), EOS]
        return [self.ids.get(token, self.ids[UNK]) for token in tokens]

    def decode(self, ids):
        return self.tokenizer.detokenize([self.tokens[i] for i in ids if i != self.ids[EOS]])


class Translator:
    def __init__(self):
        self.source, self.step = load("source"), load("step")
        self.src, self.tgt = Side("src"), Side("tgt")

    def translate(self, sentence, beam_size=1, alpha=0.75):
        """The hypothesis of the largest log P / length ** alpha that the search finds.

        Raises DataError for a sentence that is too long.
        """
        x, ids = self.src.encode(sentence), self.tgt.ids
        if len(x) == 1:
            return ""
        if len(x) > 500:
            raise DataError(f"{len(x):,} tokens, at most 500 can be translated: cut it up")
        longest, best, live = 2 * len(x) + 10, (-np.inf, ()), [((ids[BOS],), 0.0)]
        state, *read = self.source(
            X=np.array([x], "int32"), valid_length=np.array([len(x)], "int32")
        )
        while live:
            log_p, state = self.step(
                y_prev=np.array([y[-1] for y, _ in live], "int32"),
                state=state,
                **{f"source_{i}": a.repeat(len(live), axis=0) for i, a in enumerate(read)},
            )
            log_p[:, [ids[PAD], ids[BOS], ids[UNK]]] = -np.inf
            total = np.array([p for _, p in live])[:, None] + log_p  # (M, V), float64
            before, live, rows = live, [], []
            for _ in range(beam_size):
                row, word = np.unravel_index(total.argmax(), total.shape)
                y, p = (*before[row][0], int(word)), float(total[row, word])
                total[row, word] = -np.inf
                if p == -np.inf:
                    break
                if word == ids[EOS] or len(y) - 1 == longest:
                    best = max(best, (p / (len(y) - 1) ** alpha, y), key=lambda found: found[0])
                else:
                    live, rows = [*live, (y, p)], [*rows, row]
            if live and best[0] >= live[0][1] / longest**alpha:
                break  # none that is alive can become better
            state = state[:, rows]
        return self.tgt.decode(best[1][1:])


def main():
    """Translate the words of the command line, or standard input line by line; the exit code
    is 3 where a line gave no translation."""
    parser = argparse.ArgumentParser(description="Translate with the graphs beside this file.")
    parser.add_argument("sentence", nargs="*", help="What to translate (standard input).")
    parser.add_argument("--beam-size", type=int, default=1, help="How many hypotheses to keep (1).")
    args = parser.parse_args()
    if not 1 <= args.beam_size <= 1000:
        parser.error("--beam-size: use 1 to 1000; each hypothesis takes memory")
    translator, code = Translator(), 0
    lines = map(os.fsencode, args.sentence) if args.sentence else sys.stdin.buffer
    for number, line in enumerate(lines, 1):
        try:
            found = translator.translate(line.decode("utf-8-sig"), args.beam_size)
        except (UnicodeDecodeError, DataError) as error:
            problem = error if isinstance(error, DataError) else "not UTF-8"
            if sys.stderr is not None:  # else print would write to standard output
                print(f"line {number}: {problem}; its line is left blank", file=sys.stderr)
            found, code = "", 3
        sys.stdout.buffer.write(f"{found}\n".encode())  # UTF-8, whatever the terminal is set to
        sys.stdout.buffer.flush()
    if code:
        sys.exit(code)


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # the reader has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
