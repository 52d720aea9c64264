"""JoeyNMT 2.3.0 at work: ``python joeynmt_worker.py PREPARED.npz luong``.

JoeyNMT's: reading and batching (shuffled, not sorted by length, padded to the batch's longest),
model, loss, Adam, ``TrainManager._train_step``, ``predict`` with its search; every setting that
:func:`config` does not name is its default. The harness's: text files of ids as words, so that
JoeyNMT has the same vocabulary; the three lines of its loop between two ``_train_step``s (clip,
step, zero_grad), without logging, validation and schedule; no dropout. Runs unpatched with torch
2.13 (CPU); what does not is the schedule "plateau", whose argument ``verbose`` torch has dropped.
"""

import argparse
import copy
import tempfile
import time
from itertools import count, islice
from pathlib import Path

import numpy as np
import torch
from joeynmt.config import parse_global_args
from joeynmt.prediction import predict, prepare
from joeynmt.training import TrainManager
from protocol import sentences, serve


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("prepared", metavar="PREPARED.npz", help="Which ids to train on.")
    parser.add_argument(
        "model", choices=["luong", "bahdanau"], help="Which attention of JoeyNMT's to use."
    )
    for name, value, text in (
        ("--embed-size", 256, "How many numbers a word vector has"),
        ("--num-hiddens", 256, "How many hidden units a recurrent layer has"),
        ("--batch-size", 128, "How many sentence pairs a step takes"),
    ):
        parser.add_argument(name, type=int, default=value, help=f"{text} (%(default)s).")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path(args.prepared).parent) as folder:
        serve(lambda: actions(args, Path(folder)))


def config(args, folder):
    """What a user of JoeyNMT would write in its YAML file.

    How embeddings start, clipping and alpha are those of its example rnn_reverse.yaml.
    """

    def side(lang):
        return {"lang": lang, "level": "word", "voc_file": str(folder / f"vocab.{lang}")}

    def network(**own):
        return {
            "type": "recurrent",
            "rnn_type": "gru",
            "num_layers": 1,
            "hidden_size": args.num_hiddens,
            "embeddings": {"embedding_dim": args.embed_size},
            "dropout": 0.0,
            **own,
        }

    return {
        "name": "peer",
        "model_dir": str(folder),
        "use_cuda": False,
        "data": {
            "train": str(folder / "train"),
            "test": str(folder / "test"),
            "src": side("src"),
            "trg": side("trg"),
            # Words are our ids; JoeyNMT has its own ids for these four.
            "special_symbols": {
                "pad_token": "0",
                "bos_token": "1",
                "eos_token": "2",
                "unk_token": "3",
            },
        },
        "training": {
            "optimizer": "adam",
            "scheduling": "exponential",  # one has to be named; it would step after an epoch
            "clip_grad_norm": 1.0,
            "batch_size": args.batch_size,
        },
        "testing": {"beam_alpha": 1.0},
        "model": {
            "embed_initializer": "normal",
            "embed_init_weight": 0.1,
            "encoder": network(bidirectional=True),
            "decoder": network(
                attention=args.model, input_feeding=True, init_hidden="bridge", hidden_dropout=0.0
            ),
        },
    }


def write_text(path, folder):
    """PREPARED.npz as JoeyNMT's text files, one sentence a line."""
    prepared = np.load(path)
    for name, file in ("src", "train.src"), ("tgt", "train.trg"), ("test_src", "test.src"):
        lines = (" ".join(map(str, ids[:-1])) for ids in sentences(prepared, name))  # no <eos>
        (folder / file).write_text("\n".join(lines) + "\n")
    for side, size in zip(("src", "trg"), prepared["vocab_sizes"]):
        (folder / f"vocab.{side}").write_text("".join(f"{i}\n" for i in range(4, size)))


def actions(args, folder):
    """``train``, ``translate``, and ``save`` and ``load`` of the parameters (not of Adam's)."""
    write_text(args.prepared, folder)
    settings = parse_global_args(config(args, folder))
    model, train_data, _, test_data = prepare(settings, rank=0, mode="train")
    manager = TrainManager(
        rank=0,
        model=model,
        model_dir=settings.model_dir,
        device=settings.device,
        autocast=settings.autocast,
        seed=settings.seed,
        train_args=settings.train,
        dev_args=settings.test,
    )
    batches = endless_batches(manager, train_data)

    def train(steps):
        tokens, start = 0, time.perf_counter()
        for batch in islice(batches, steps):
            manager._train_step(batch)
            manager.clip_grad_fun(parameters=model.parameters())
            manager.optimizer.step()
            model.zero_grad()
            tokens += batch.ntokens
        return {"tokens": tokens, "seconds": time.perf_counter() - start}

    def translate(beam, batch, sentences):
        """The first ``sentences`` of test; ``tokens``: those written, ``<eos>`` counted."""
        data = copy.copy(test_data)
        data.data = {"src": test_data.data["src"][:sentences]}
        data.reset_indices()
        how = settings.test._replace(beam_size=beam, batch_size=batch)
        start = time.perf_counter()
        outcome = predict(
            model, data, settings.device, n_gpu=0, args=how, autocast=settings.autocast
        )
        seconds = time.perf_counter() - start
        written = outcome[3]  # lists of tokens
        return {
            "sentences": len(written),
            "seconds": seconds,
            "tokens": sum(map(len, written)),
        }

    def save(path):
        torch.save(model.state_dict(), path)
        return {}

    def load(path):
        model.load_state_dict(torch.load(path))
        return {}

    return {"train": train, "translate": translate, "save": save, "load": load}


def endless_batches(manager, data):
    """JoeyNMT's batches, epoch after epoch, each shuffled anew as ``train_and_validate`` does."""
    batches = data.make_iter(
        batch_size=manager.args.batch_size,
        batch_type=manager.args.batch_type,
        seed=manager.seed,
        shuffle=manager.args.shuffle,
        device=manager.device,
        eos_index=manager.model.eos_index,
        pad_index=manager.model.pad_index,
    )
    for epoch in count(1):
        batches.batch_sampler.set_seed(manager.seed + epoch)
        yield from batches


if __name__ == "__main__":
    main()
