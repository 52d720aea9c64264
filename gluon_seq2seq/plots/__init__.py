"""Every picture: data in, a matplotlib Figure out, labelled in English or Chinese."""

from .beam import beam_tree
from .counts import accuracy_by_length, accuracy_by_phenomenon, length_histogram
from .curves import learning_curve, training_comparison
from .hidden_states import attention_map, hidden_states
from .ngrams import ngram_grid
from .picture import Picture
from .style import CJK_FONTS, cjk_font

__all__ = [
    "CJK_FONTS",
    "Picture",
    "accuracy_by_length",
    "accuracy_by_phenomenon",
    "attention_map",
    "beam_tree",
    "cjk_font",
    "hidden_states",
    "learning_curve",
    "length_histogram",
    "ngram_grid",
    "training_comparison",
]
