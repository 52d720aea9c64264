"""The checks of the notebooks' exercises, one file a notebook: those of the chapter, those beyond.

They stand here and not in the notebooks, so that nobody reads an answer below its question.
"""

from importlib import import_module

from ..exercise import EXERCISES, QUIZZES

MODULES = (
    "chapter.setup",
    "chapter.sentences_to_tensors",
    "chapter.encoder",
    "chapter.two_directions",
    "chapter.decoder",
    "chapter.training",
    "chapter.search",
    "chapter.attention",
    "beyond.evaluation",
    "beyond.where_it_breaks",
    "beyond.beyond_translation",
    "beyond.playground",
    "beyond.real_data",
    "beyond.beside_the_book",
)  # by the number of their notebook


def of_exercise(number):
    """The :class:`~.exercise.Exercise` ``number``, such as ``"2.1"``."""
    _load(number.partition(".")[0])
    return EXERCISES[number]


def of_quiz(number):
    """One :class:`~.exercise.Exercise` a question of the quiz of notebook ``number``."""
    _load(number)
    return QUIZZES[str(number)]


def points(number):
    """What exercise ``"2.1"`` is worth, 2, or the quiz of notebook ``2``: 1 a question."""
    return len(of_quiz(number)) if isinstance(number, int) else 2


def _load(number):
    import_module(f"{__name__}.{MODULES[int(number)]}")
