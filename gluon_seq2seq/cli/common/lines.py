"""Lines that are to be answered: what they ask, and what is said of those that cannot be."""

from ...errors import DataError, TooLong
from ...files import foreign
from ...text.sentences import MAX_CHARACTERS
from ...translation.written.formats import Answer, kept_words, to_json
from .streams import complain

SHOWN = 10  # lines that cannot be answered are told one by one, up to this many
LONGEST_JSON = 2**16 + 12 * MAX_CHARACTERS  # bytes of a line: an id, and \uXXXX\uXXXX a character
EXAMPLE = '{"id": 1, "text": "They are watching."}'


def json_question(line):
    """``text, id, problem`` of a ``line`` of JSON, ``{"id": ..., "text": ...}``; of text and
    problem one is None."""
    if len(line.encode()) > LONGEST_JSON - 4:  # it has been cut
        return None, None, f"more than {LONGEST_JSON:,} bytes are no question: cut its text up"
    try:
        fields = foreign.from_json(line)
    except ValueError as error:
        where = f" at column {error.colno}" if hasattr(error, "colno") else ""
        reason = getattr(error, "msg", error)
        return None, None, f"no JSON{where}: {reason}: write a line such as {EXAMPLE}"
    if not isinstance(fields, dict):
        return None, None, f"no JSON object: write a line such as {EXAMPLE}"
    name, text = fields.get("id"), fields.get("text")
    try:
        if type(name) not in (str, int, float, type(None)):
            raise ValueError
        to_json({"id": name})
    except ValueError:
        return None, None, f"its id is no text and no number: write a line such as {EXAMPLE}"
    if not isinstance(text, str):
        return None, name, f"it has no text: write a line such as {EXAMPLE}"
    return text, name, None


class Lines:
    """Makes an :class:`Answer` of each line, still without translations, and says what is wrong
    with lines that cannot be translated, or not well.

    ``as_json``: whether they are JSON; ``left``: what becomes of the line of one that cannot be;
    ``deed``: what is done with them, in messages.
    """

    def __init__(
        self,
        translator,
        verbose=False,
        as_json=False,
        left="its line is left blank",
        deed="translated",
    ):
        self.translator, self.verbose = translator, verbose
        self.as_json, self.left, self.deed = as_json, left, deed
        self.words, self.unknown, self.bad, self.number, self.stop = 0, 0, 0, 0, None
        self.kept = 0  # unknown words that stand in translations

    def taken(self, chunk):
        """The lines of ``chunk``, ``(place, text, problem)`` each, up to the one that is to stop
        it."""
        found = []
        for place, text, problem in chunk:
            self.number += 1
            name = None if self.as_json else self.number
            if self.as_json and problem is None:
                text, name, problem = json_question(text)
            tokens = []
            try:
                if problem is None:
                    tokens = self.translator.tokens(text, "stop")
            except TooLong as error:
                if self.translator.too_long == "stop":
                    self.stop = DataError(f"{place}: {error}")
                    break
                problem, tokens = str(error), self.translator.tokens(text)
            if problem:
                self.warn(f"{place}: {problem}; {'its line is cut' if tokens else self.left}")
            unknown = self.unknown_words(place, tokens)
            answer = Answer(self.number, text if tokens else "", (), name, unknown)
            found.append(answer._replace(problem=problem and str(problem)))
        return found

    def unknown_words(self, place, tokens):
        """Count the words of ``tokens`` of a source, and return those that the model does not
        know."""
        vocab = self.translator.model.src_vocab
        unknown = vocab.unknown(tokens)
        self.words += len(vocab.tokenizer.words(tokens))
        self.unknown += len(unknown)
        if unknown and self.verbose:
            complain(f"{place}: not among the model's words: {' '.join(dict.fromkeys(unknown))}")
        return unknown

    def answered(self, answers):
        """Count the unknown words of ``answers`` that their best translations have kept."""
        for answer in answers:
            for one in answer.found[:1]:
                self.kept += len(kept_words(answer.unknown, one.copied))

    def warn(self, problem):
        """Say that a line cannot be answered, or not in whole."""
        self.bad += 1
        if self.bad <= SHOWN or self.verbose:
            complain(problem)

    def code(self):
        """Say how much of it could not be translated well; returns the exit code."""
        told = f", and {self.kept:,} are copied" if self.translator.unknown.how == "copy" else ""
        if self.translator.unknown.blind:
            told = f", and {self.translator.unknown.blind}"
        if self.bad > SHOWN and not self.verbose:
            complain(f"{self.bad:,} lines in all could not be {self.deed}; --verbose names each")
        if self.unknown:
            complain(
                f"{self.unknown:,} of {self.words:,} source words are not among the model's: it "
                f"reads <unk> for them{told}{'' if self.verbose else '; --verbose names them'}"
            )
        return DataError.exit_code if self.bad else 0
