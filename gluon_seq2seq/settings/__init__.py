"""Settings as values: what a model, its training and its search can be told."""

from dataclasses import dataclass
from typing import Dict, Optional, Type

from ..errors import UsageError
from .fields import Settings, described, setting

EPOCHS = 20  # where neither epochs nor minutes end the training


@described
@dataclass(frozen=True)
class ModelSettings(Settings):
    """What every model can be told."""

    embed_size: int = setting(256, "Give each word vector this many numbers.", min=1)
    num_hiddens: int = setting(256, "Give each recurrent layer this many hidden units.", min=1)
    num_layers: int = setting(1, "Stack this many recurrent layers on each side.", min=1)
    bidirectional: bool = setting(False, "Let the encoder read both ways.", off="unidirectional")
    drop_prob: float = setting(
        0.2,
        "Leave out numbers of word vectors, between layers and in p with this probability, in "
        "training (dropout).",
        min=0,
        max=1,
        max_open=True,
    )
    rnn: str = setting("gru", "Compute f and g with this network: gru, lstm, tanh or textbook-gru.")
    q: str = setting("last", "Pool the states of the encoder into c with this: last, mean or max.")
    reverse: bool = setting(False, "Let the encoder read the source from its end.", off="in-order")
    tied: bool = setting(False, "Tie the weights of the output layer to the target embedding.")


@described
@dataclass(frozen=True)
class LuongSettings(ModelSettings):
    """What ``luong2015`` can be told."""

    score: str = setting(
        "general",
        "Score attention with this, in luong2015: dot, scaled-dot, general, concat, local-m or "
        "local-p.",
    )
    input_feeding: bool = setting(
        False, "Feed what a step attended to into the next step, in luong2015."
    )
    window: int = setting(
        10, "Let local-m and local-p see this many positions to either side.", min=1
    )


@described
@dataclass(frozen=True)
class TrainingSettings(Settings):
    """What ``train`` can be told; with neither ``epochs`` nor ``minutes`` it takes 20 epochs.

    Raises :class:`UsageError` where ``sampled_words`` and ``label_smoothing`` are both set.
    """

    epochs: Optional[int] = setting(
        None,
        "Stop after this many epochs.",
        min=1,
        shown=f"{EPOCHS}, where minutes set no limit",
    )
    minutes: Optional[float] = setting(
        None, "Stop after this many minutes, all included.", min=0, min_open=True, shown="no limit"
    )
    batch_size: int = setting(128, "Take this many sentence pairs of each worker in a step.", min=1)
    learning_rate: float = setting(
        4e-3, "Let the learning rate of Adam rise to this height.", min=0, min_open=True
    )
    clip: float = setting(
        1.0, "Cut the norm of the gradient of the mean loss at this.", min=0, min_open=True
    )
    patience: int = setting(
        5, "Stop after this many epochs without a lower dev loss, or what keep_best says.", min=1
    )
    teacher_forcing: float = setting(
        1.0,
        "Let the decoder read the reference with this probability (teacher forcing), and else its "
        "own word (scheduled sampling).",
        min=0,
        max=1,
    )
    label_smoothing: float = setting(
        0.0,
        "Spread this share of a target's probability over all words alike.",
        min=0,
        max=1,
        max_open=True,
    )
    sampled_words: int = setting(
        0,
        "Compute the loss on some words in place of all, which is faster with a large vocabulary: "
        "the target words of a batch, the most frequent ones (three quarters of this number) and "
        "others, drawn anew for each batch (a quarter); 0 takes all.",
        min=0,
    )
    unknown_words: float = setting(
        0.0,
        "Hide words that both sides share, such as names and numbers, behind <unk> with this "
        "probability, so that the model learns to copy unknown ones.",
        min=0,
        max=1,
        max_open=True,
    )
    average: float = setting(
        0.0,
        "Evaluate and save a moving average of the weights, of which each step keeps this share "
        "(its decay, such as 0.99); 0 takes the weights of the last step.",
        min=0,
        max=1,
        max_open=True,
    )
    keep_best: str = setting(
        "loss",
        "Keep the model of the epoch with the lowest dev loss, or with bleu that of the highest "
        "dev BLEU.",
        choices=("loss", "bleu"),
    )
    seed: int = setting(
        0,
        "Draw random numbers from this seed: the same one gives the same result.",
        min=0,
        max=2**31 - 1,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.sampled_words and self.label_smoothing:
            raise UsageError(
                "label_smoothing is for all words alike, sampled_words leaves some out: set one of "
                "them to 0"
            )


@described
@dataclass(frozen=True)
class SearchSettings(Settings):
    """What :class:`Translator` can be told."""

    batch_size: int = setting(256, "Translate this many sentences at a time.", min=1)
    beam_size: int = setting(
        1,
        "Keep this many hypotheses at every step of beam search, at most 1,000, for each takes "
        "memory; 1 is greedy search.",
        min=1,
        max=1000,
    )
    alpha: float = setting(
        0.75,
        "Rank by log P / length ** alpha in beam search: a larger alpha favours length.",
        min=0,
    )
    unknown: str = setting(
        "copy",
        "Write what the model does not know so: copy it from the source word that attention points "
        "to, omit it, mark it as <unk>, or never leave it open but choose another word.",
        shown="copy, of a model without attention never",
    )
    shortlist: bool = setting(
        False,
        "Take only words that are likely for the source words of a batch, by the table that the "
        "shortlist command keeps with the model: faster, at hardly a difference.",
    )


PAPERS: Dict[str, ModelSettings] = {
    "book": ModelSettings(),
    "cho2014": ModelSettings(),
    "sutskever2014": ModelSettings(rnn="lstm", reverse=True),
    "bahdanau2015": ModelSettings(bidirectional=True),
    "luong2015": LuongSettings(bidirectional=True),
}
"""The models, each with the settings of its paper."""

SETTINGS: Dict[str, Type[TrainingSettings]] = {"training": TrainingSettings}
"""The class whose fields ``train`` and the command line take. One that has more is a subclass of
the class that stands here, and takes its place."""
