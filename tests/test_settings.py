"""Settings are values: checked when they are made, the same ever after, each field said once."""

from dataclasses import FrozenInstanceError, dataclass, fields, replace

import numpy as np
import pytest

from gluon_seq2seq import (
    LuongSettings,
    ModelSettings,
    SearchSettings,
    TrainingSettings,
    UsageError,
)
from gluon_seq2seq.settings import PAPERS
from gluon_seq2seq.settings.fields import setting, with_changes

EVERY = LuongSettings, ModelSettings, SearchSettings, TrainingSettings
NAN, INF = float("nan"), float("inf")
FIELDS = [(kind, field.name) for kind in EVERY for field in fields(kind)]


@pytest.mark.parametrize(
    "kind, name, value, says",
    [
        *((ModelSettings, "embed_size", v, "a whole number of 1 or more") for v in (0, -1, None)),
        (ModelSettings, "num_layers", 1.5, "a whole number of 1 or more"),
        (ModelSettings, "num_layers", 2.0, "a whole number of 1 or more"),
        (ModelSettings, "num_hiddens", True, "a whole number of 1 or more"),
        (ModelSettings, "num_hiddens", np.bool_(True), "a whole number of 1 or more"),
        (ModelSettings, "num_hiddens", "8", "a whole number of 1 or more"),
        *((ModelSettings, "drop_prob", v, "0 or more and less than 1") for v in (1, -0.1, NAN)),
        *((ModelSettings, "drop_prob", v, "0 or more and less than 1") for v in (False, "0.2")),
        *((ModelSettings, "tied", v, "True or False") for v in ("no", 2, None, np.zeros(2))),
        (ModelSettings, "rnn", 3, "a name"),
        (LuongSettings, "window", 0, "a whole number of 1 or more"),
        (TrainingSettings, "epochs", 0, "a whole number of 1 or more"),
        *((TrainingSettings, "minutes", v, "more than 0") for v in (0, -1, NAN, INF)),
        *((TrainingSettings, "clip", v, "more than 0") for v in (0, INF, 10**400, None)),
        (TrainingSettings, "learning_rate", np.float32("nan"), "more than 0"),
        *((TrainingSettings, "teacher_forcing", v, "0 to 1") for v in (1.1, -1, NAN)),
        (TrainingSettings, "label_smoothing", 1, "0 or more and less than 1"),
        *((TrainingSettings, "average", v, "0 or more and less than 1") for v in (1, -0.1, NAN)),
        *((TrainingSettings, "keep_best", v, "loss or bleu") for v in ("f1", "", None, 1)),
        *((TrainingSettings, "sampled_words", v, "a whole number of 0 or more") for v in (-1, 0.5)),
        (TrainingSettings, "unknown_words", 1, "0 or more and less than 1"),
        *((TrainingSettings, "seed", v, "a whole number of 0 to 2147483647") for v in (-1, 2**31)),
        (SearchSettings, "beam_size", 0, "a whole number of 1 to 1000"),
        (SearchSettings, "alpha", -1, "0 or more"),
    ],
    ids=str,
)
def test_out_of_range(kind, name, value, says):
    with pytest.raises(UsageError) as caught:
        kind(**{name: value})
    assert str(caught.value) == f"{name} is {value!r}: use {says}" or hasattr(value, "shape")
    assert str(caught.value).startswith(f"{name} is ") and str(caught.value).endswith(says)


def test_at_the_ends_of_their_ranges():
    ModelSettings(embed_size=1, drop_prob=0)
    TrainingSettings(teacher_forcing=0, label_smoothing=0, seed=2**31 - 1, minutes=1e-9)
    assert TrainingSettings(teacher_forcing=1, epochs=None).epochs is None
    assert SearchSettings(alpha=0).alpha == 0


def test_numbers_of_numpy_are_numbers():
    made = ModelSettings(
        embed_size=np.int64(3), drop_prob=np.float32(0.5), tied=np.bool_(True), reverse=1
    )
    assert made == ModelSettings(embed_size=3, drop_prob=0.5, tied=True, reverse=True)
    kinds = [type(getattr(made, name)) for name in ("embed_size", "drop_prob", "tied", "reverse")]
    assert kinds == [int, float, bool, bool]  # JSON knows no others
    assert type(TrainingSettings(clip=2).clip) is float


@pytest.mark.parametrize("kind, name", FIELDS)
def test_frozen(kind, name):
    made = kind()
    with pytest.raises(FrozenInstanceError):
        setattr(made, name, getattr(made, name))
    assert made == kind() and hash(made) == hash(kind()) and replace(made) == made


@pytest.mark.parametrize("kind, name", FIELDS)
def test_every_field_is_described(kind, name):
    (field,) = (field for field in fields(kind) if field.name == name)
    text = " ".join(kind.__doc__.split())
    assert f"- ``{name}``: {' '.join(field.metadata['help'].split())[:-1]}" in text


def test_the_papers():
    """Their departures from the common defaults, as the papers have them."""
    common = ModelSettings()
    assert common == ModelSettings(256, 256, 1, False, 0.2, "gru", "last", False, False)
    expected = {
        "book": common,
        "cho2014": common,
        "sutskever2014": replace(common, rnn="lstm", reverse=True),
        "bahdanau2015": replace(common, bidirectional=True),
        "luong2015": LuongSettings(bidirectional=True),
    }
    assert expected == PAPERS


def test_changes():
    value = TrainingSettings(epochs=3)
    assert with_changes("f", None, value, {}) == value
    assert with_changes("f", value, TrainingSettings(), {"clip": 2}) == replace(value, clip=2)
    with pytest.raises(TypeError) as caught:
        with_changes("f", value, TrainingSettings(), {"learn_rate": 2})
    expected = "f() got an unexpected keyword argument 'learn_rate': did you mean 'learning_rate'?"
    assert str(caught.value) == expected
    with pytest.raises(TypeError, match=r"argument 'xyz'$"):
        with_changes("f", value, TrainingSettings(), {"xyz": 2})
    with pytest.raises(UsageError, match=r"f takes settings=TrainingSettings\(...\), or .* epochs"):
        with_changes("f", 5, TrainingSettings(), {})
    with pytest.raises(UsageError, match="clip is 0"):
        with_changes("f", value, TrainingSettings(), {"clip": 0})


def test_a_class_of_others():
    @dataclass(frozen=True)
    class Own(TrainingSettings):
        weight_decay: float = setting(0.0, "Shrink the weights by this share.", min=0)

    assert Own(weight_decay=1, epochs=2).weight_decay == 1.0
    with pytest.raises(UsageError, match="weight_decay is -1: use 0 or more"):
        Own(weight_decay=-1)
    with pytest.raises(UsageError, match="epochs is 0"):
        Own(epochs=0)
