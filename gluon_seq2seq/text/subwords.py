"""Words <-> subwords: every word can be written, the rare ones in pieces (Sennrich et al. 2016).

Byte pair encoding begins with letters and joins the most frequent pair of neighbours again and
again. sentencepiece learns it and applies it, within the words of :class:`~.tokenizer.Tokenizer`,
so that a sentence comes back as exactly as from words.
"""

import base64
import binascii
import io
from functools import lru_cache

from ..errors import ModelError, UsageError
from .sentences import as_tokens
from .tokenizer import MARKERS, UNK, Tokenizer

WORD = "▁"  # begins the first piece of a word


class SubwordTokenizer(Tokenizer):
    """Cuts sentences into the pieces of ``model``, the bytes of a sentencepiece model, and back.

    "unwatchable" may become ``▁un watch able``; the two markers of the tokenizer of words stay
    whole. Raises :class:`ModelError` for other bytes.
    """

    whole_words = False

    def __init__(self, language="en", lowercase=False, model=b""):
        import sentencepiece  # words do without it

        super().__init__(language, lowercase)
        self.model = model
        try:
            if not model:
                raise ValueError
            self._pieces = sentencepiece.SentencePieceProcessor(model_proto=model)
            self._pieces.encode("a")
        except (RuntimeError, TypeError, ValueError):
            raise ModelError("its subwords are no sentencepiece model") from None
        self._cut = lru_cache(100_000)(self._cut)

    def __reduce__(self):  # a cache cannot be pickled
        return type(self), (self.language, self.lowercase, self.model)

    def cut(self, sentence):
        """Pieces of a ``sentence`` that is normalised already; one may be of several characters of
        a script without spaces between words."""
        return [piece for word in super().cut(sentence, runs=True) for piece in self._cut(word)]

    def words(self, tokens):
        words, begins = [], True
        for i, piece in enumerate(tokens):
            if piece in MARKERS:
                begins = True
            elif begins or piece.startswith(WORD) or piece == UNK:
                words.append((piece[piece.startswith(WORD) :], [i]))
                begins = False
            else:
                word, positions = words[-1]
                words[-1] = (word + piece, [*positions, i])
        return [(word, positions) for word, positions in words if word]

    def whole(self, word):
        return WORD + word

    def detokenize(self, tokens):
        """The normalised sentence that ``tokens`` were cut from; a text is cut at its spaces."""
        tokens = as_tokens(tokens)
        begin = {positions[0]: word for word, positions in self.words(tokens)}
        return super().detokenize(
            [
                begin.get(i, token)
                for i, token in enumerate(tokens)
                if i in begin or token in MARKERS
            ]
        )

    def _cut(self, word):
        if word in MARKERS:
            return (word,)
        pieces = tuple(self._pieces.encode(word, out_type=str))
        whole = WORD + word  # what sentencepiece cannot write, "▁" itself, is an unknown piece
        return pieces if "".join(pieces) == whole else (whole,)

    def settings(self):
        return {**super().settings(), "subwords": base64.b64encode(self.model).decode()}


def learn(texts, tokenizers, size):
    """The bytes of a sentencepiece model of ``size`` pieces, learned from the words of ``texts``.

    ``texts``: for each of ``tokenizers`` its sentences. Equal sentences give equal bytes. Raises
    :class:`UsageError` where ``size`` is less than the number of their letters.
    """
    import sentencepiece

    model = io.BytesIO()
    words = (
        " ".join(word for word in tokenizer.cut(text, runs=True) if word not in MARKERS)
        for side, tokenizer in zip(texts, tokenizers)
        for text in side
    )
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=words,
            model_writer=model,
            model_type="bpe",
            vocab_size=size,
            hard_vocab_limit=False,  # a small corpus has fewer pieces
            character_coverage=1.0,
            normalization_rule_name="identity",  # the tokenizer has normalised
            split_by_unicode_script=False,  # and cut: "l'" is one word
            split_by_number=False,
            max_sentence_length=2**20,  # bytes
            bos_id=-1,
            eos_id=-1,
            num_threads=1,
            minloglevel=2,
        )
    except (RuntimeError, OSError):
        raise UsageError(
            f"{size} subwords are too few for the letters of these sentences: use more"
        ) from None
    return model.getvalue()


def tokenizer_of(settings):
    """The tokenizer, of words or subwords, of which ``settings()`` says this, a dict.

    Raises :class:`ModelError` for subwords that are no sentencepiece model.
    """
    if "subwords" not in settings:
        return Tokenizer(**settings)
    try:
        model = base64.b64decode(settings["subwords"], validate=True)
    except (binascii.Error, TypeError):
        raise ModelError("its subwords are no sentencepiece model") from None
    others = {name: value for name, value in settings.items() if name != "subwords"}
    return SubwordTokenizer(**others, model=model)
