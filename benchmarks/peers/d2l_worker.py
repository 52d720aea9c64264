"""The chapter's encoder–decoder in PyTorch: ``python d2l_worker.py PREPARED.npz book``.

Written after *Dive into Deep Learning* 1.0.3 (d2l 1.0.3): two GRUs of one layer and one direction,
not packed, c the last state, read by the decoder at every step beside the embedding; every
sentence padded to ``num_steps``; batches shuffled, not bucketed; cross-entropy of all positions,
then masked; Adam, gradients clipped at 1. The harness's: ``num_steps`` such that 99 % of the
pairs fit, the others dropped, where the book cuts; ``clip_grad_norm_`` for the book's own loop.
There is no ``translate``.
"""

import argparse
import time
from itertools import islice

import numpy as np
import torch
from protocol import sentences, serve
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

PAD, BOS = 0, 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("prepared", metavar="PREPARED.npz", help="Which ids to train on.")
    parser.add_argument("model", choices=["book"], help="Which model to train.")
    for name, value, text in (
        ("--embed-size", 256, "How many numbers a word vector has"),
        ("--num-hiddens", 256, "How many hidden units a recurrent layer has"),
        ("--batch-size", 128, "How many sentence pairs a step takes"),
    ):
        parser.add_argument(name, type=int, default=value, help=f"{text} (%(default)s).")
    args = parser.parse_args()
    serve(lambda: actions(args))


class Encoder(nn.Module):
    """``X (N, T)`` -> the last state ``(1, N, num_hiddens)``, after the padding."""

    def __init__(self, vocab_size, embed_size, num_hiddens):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.rnn = nn.GRU(embed_size, num_hiddens)

    def forward(self, X):
        _, state = self.rnn(self.embedding(X.t()))
        return state


class Decoder(nn.Module):
    """``Y_prev (N, T')`` and the encoder's last state -> logits ``(N, T', V)``."""

    def __init__(self, vocab_size, embed_size, num_hiddens):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_size)
        self.rnn = nn.GRU(embed_size + num_hiddens, num_hiddens)
        self.dense = nn.Linear(num_hiddens, vocab_size)

    def forward(self, Y_prev, state):
        embedded = self.embedding(Y_prev.t())
        context = state.expand(len(embedded), -1, -1)
        outputs, _ = self.rnn(torch.cat((embedded, context), -1), state)
        return self.dense(outputs).swapaxes(0, 1)


class Seq2Seq(nn.Module):
    def __init__(self, vocab_sizes, embed_size, num_hiddens):
        super().__init__()
        self.encoder = Encoder(vocab_sizes[0], embed_size, num_hiddens)
        self.decoder = Decoder(vocab_sizes[1], embed_size, num_hiddens)
        for name, parameter in self.named_parameters():
            if "weight" in name and "embedding" not in name:
                nn.init.xavier_uniform_(parameter)

    def forward(self, X, Y_prev):
        return self.decoder(Y_prev, self.encoder(X))


def masked_loss(logits, Y):
    """Mean cross-entropy of the positions of ``Y (N, T')`` that are not padding."""
    losses = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), Y.reshape(-1), reduction="none")
    mask = (Y.reshape(-1) != PAD).float()
    return (losses * mask).sum() / mask.sum()


def arrays(prepared):
    """``X, Y_prev, Y``, int64 tensors of ``(pairs that fit, num_steps)``."""
    pairs = list(zip(sentences(prepared, "src"), sentences(prepared, "tgt")))
    longest = np.array([max(len(x), len(y)) for x, y in pairs])
    num_steps = int(np.quantile(longest, 0.99, method="higher"))
    pairs = [pair for pair, length in zip(pairs, longest) if length <= num_steps]
    X, Y = (torch.full((len(pairs), num_steps), PAD) for _ in range(2))
    for row, (x, y) in enumerate(pairs):
        X[row, : len(x)] = torch.from_numpy(x)
        Y[row, : len(y)] = torch.from_numpy(y)
    return X, F.pad(Y[:, :-1], (1, 0), value=BOS), Y


def endless(batches):
    while True:
        yield from batches


def actions(args):
    prepared = np.load(args.prepared)
    torch.manual_seed(0)
    model = Seq2Seq(prepared["vocab_sizes"].tolist(), args.embed_size, args.num_hiddens)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    data = TensorDataset(*arrays(prepared))
    batches = endless(DataLoader(data, args.batch_size, shuffle=True))

    def train(steps):
        tokens, start = 0, time.perf_counter()
        for X, Y_prev, Y in islice(batches, steps):
            loss = masked_loss(model(X, Y_prev), Y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1)
            optimizer.step()
            tokens += int((Y != PAD).sum())
        return {"tokens": tokens, "seconds": time.perf_counter() - start}

    return {"train": train}


if __name__ == "__main__":
    main()
