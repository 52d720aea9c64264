"""gluon-seq2seq score: how probable given translations are to a model."""

import contextlib
import math
from itertools import islice

import click

from ..errors import DataError, TooLong, UsageError
from ..settings import SearchSettings
from ..text.tokenizer import MAX_TOKENS
from ..translation.written.formats import FORMATS, SCORE_FORMATS, Scored, read_moses
from .common.lines import Lines
from .common.models import loaded, models_option
from .common.options import (
    EXIT_CODES,
    alignment_option,
    device_option,
    output_option,
    pair_batch_option,
    settings_options,
    verbose_option,
)
from .common.streams import LONGEST, STANDARD, complain, reader, sentences_that_came, writer
from .common.training_data import NOT_KNOWN, overlap_with_training, trained_on_option

CHUNK = 1024  # pairs of a file that are scored together: those of like length share a batch
NOT_TWO = "no source, tab and translation: write both in a line, with one tab between"


@click.command("score", epilog=EXIT_CODES)
@models_option
@click.option(
    "--input",
    "source",
    metavar="FILE",
    help="Read pairs from this file, lines of source<TAB>translation, or only sources where the "
    "translations are in another file; - is standard input.",
    show_default="standard input",
)
@click.option(
    "--translations",
    metavar="FILE",
    help="Take the translations from this file, one a line.",
    show_default="the second column of --input",
)
@click.option(
    "--n-best",
    metavar="FILE",
    help="Take the translations from this n-best list, as Moses, Marian and translate --format "
    "moses write it, and rank them anew.",
    show_default="no list",
)
@output_option("scores")
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS]),
    help="Write lines of log P in nats as text; tsv: of number, log P, log P a token, log P of "
    "each word and text, with tabs between; or jsonl: a JSON object for each pair. Of an n-best "
    "list write what translate writes: the best texts, tsv, moses or jsonl.",
    show_default="text, with --n-best moses",
)
@alignment_option
@pair_batch_option
@settings_options(SearchSettings, "alpha")
@verbose_option
@trained_on_option
@device_option
def command(
    folders,
    source,
    translations,
    n_best,
    output,
    form,
    alignment,
    verbose,
    trained_on,
    device,
    **search,
):
    """Print log P of given translations, in nats.

    A pair gives a line. One that cannot be scored gives a blank one and a warning, with jsonl one
    that says the error; the exit code is then 3. At the end comes a line on standard error: the
    mean, and how many of the pairs the model was trained on. log P counts the tokens of the text as
    the tokenizer cuts it and <eos>.

    \b
    Examples:
      gluon-seq2seq score --model runs/fra --input pairs.tsv
      gluon-seq2seq score --model runs/fra --input en.txt --translations fr.txt
      gluon-seq2seq score --model runs/fra --input en.txt --n-best list.txt
    """
    if translations and n_best:
        raise UsageError("give --translations or --n-best, not both")
    if source in (None, STANDARD) and STANDARD in (translations, n_best):
        raise UsageError("standard input has room for one: give --input FILE, or the other a FILE")
    form = form or ("moses" if n_best else "text")
    if form == "moses" and not n_best:
        raise UsageError("--format moses is of n-best lists: give --n-best, or another format")
    from .. import Translator
    from ..model.checks import check_attention

    with contextlib.ExitStack() as files:
        name, stream = files.enter_context(reader(source))
        too_long = "stop" if n_best else "blank"
        search.update(too_long=too_long, unknown="never")  # texts are read as they are
        translator = Translator(loaded(folders, device), **search)
        if alignment is not None:
            check_attention(translator.model)
        write = files.enter_context(writer(output))
        left = "its answer says so" if form == "jsonl" else "its line is left blank"
        scorer = _Scorer(
            translator, Lines(translator, verbose, left=left, deed="scored"), alignment
        )
        if n_best:
            for answers in scorer.ranked(name, stream, n_best):
                if form == "text":
                    answers = [answer._replace(found=answer.found[:1]) for answer in answers]
                write("".join(map(FORMATS[form], answers)))
        else:
            pairs = _parallel if translations else _columns
            for chunk in pairs(name, stream, translations):
                write("".join(map(SCORE_FORMATS[form], scorer.scored(chunk))))
        code = scorer.lines.code()
        complain(scorer.summary(trained_on))
    return code


def _columns(name, stream, _):
    """Lists of ``(place, source, translation, problem)`` of lines with a tab, as they come."""
    for chunk in sentences_that_came(name, stream, CHUNK, 2 * LONGEST):
        rows = [(place, (text or "").split("\t"), problem) for place, text, problem in chunk]
        yield [
            (place, *sides, problem) if len(sides) == 2 else (place, "", "", problem or NOT_TWO)
            for place, sides, problem in rows
        ]


def _parallel(name, stream, translations):
    """The same of two files, of which the second is ``translations``."""
    sides = [_all(name, stream), _read(translations)]
    if len(sides[0]) != len(sides[1]):
        raise DataError(
            f"{name} has {len(sides[0]):,} lines but {translations} has {len(sides[1]):,}: "
            "parallel files need one translation a line"
        )
    rows = iter(zip(*sides))
    for chunk in iter(lambda: list(islice(rows, CHUNK)), []):
        yield [
            (other if bad and not wrong else place, source or "", text or "", wrong or bad)
            for (place, source, wrong), (other, text, bad) in chunk
        ]


def _all(name, stream):
    """All ``(place, text, problem)`` of a stream."""
    return [line for chunk in sentences_that_came(name, stream, CHUNK) for line in chunk]


def _read(path):
    """The same of a file."""
    with reader(path) as (name, stream):
        return _all(name, stream)


def _sound(lines):
    """``(place, text)`` of lines, of which none may have a problem."""
    for place, text, problem in lines:
        if problem is not None:
            raise DataError(f"{place}: {problem}")
        yield place, text


class _Scorer:
    """Log P of pairs, and what is said of them at the end."""

    def __init__(self, translator, lines, alignment):
        self.translator, self.lines, self.alignment = translator, lines, alignment
        self.vocabs = translator.model.src_vocab, translator.model.tgt_vocab
        self.pairs, self.log_p, self.tokens, self.moved = [], 0.0, 0, None

    def scored(self, chunk):
        """A :class:`Scored` for each ``(place, source, translation, problem)`` of ``chunk``."""
        from ..translation.scoring import of_words

        answers = self.lines.taken(
            (place, source, bad or self._too_long(text)) for place, source, text, bad in chunk
        )
        sound = [row[1:3] for row, answer in zip(chunk, answers) if answer.problem is None]
        found, vocab = self._forced(sound), self.vocabs[1]
        for answer in answers:
            if answer.problem is not None:
                yield Scored(answer)
                continue
            one = next(found)
            words = vocab.tokenizer.words(one.tokens)
            yield Scored(
                self._aligned(answer._replace(found=[one])),
                [word for word, _ in words],
                of_words(one.token_log_p, words),
                vocab.unknown(one.tokens),
            )

    def ranked(self, name, stream, path):
        """Lists of an :class:`Answer` for each source of ``stream``, with its translations in the
        n-best list ``path``, best first."""
        sources = list(_sound(_all(name, stream)))
        rows = list(zip(sources, read_moses(_sound(_read(path)), len(sources))))
        for entry in (entry for _, listed in rows for entry in listed):
            problem = self._too_long(entry.text)
            if problem:
                raise DataError(f"{entry.place}: {problem}")
        self.moved = 0
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            answers = self.lines.taken(
                (place, text, None if listed else f"{path} has no translation of it")
                for (place, text), listed in some
            )
            if self.lines.stop:
                raise self.lines.stop
            found = self._forced([(text, one.text) for (_, text), listed in some for one in listed])
            yield [
                self._best_first(answer, listed, found)
                for answer, (_, listed) in zip(answers, some)
            ]

    def _best_first(self, answer, entries, found):
        """``answer`` with its ``entries``, of which ``found`` has the next Translations."""
        alpha, rows = self.translator.settings.alpha, []
        for entry, one in zip(entries, found):
            score = one.log_p / len(one.token_log_p) ** alpha
            rows.append((one._replace(text=entry.text, score=score), entry.features))
        order = sorted(rows, key=lambda row: -row[0].score)
        self.moved += bool(rows) and order[0] is not rows[0]
        translations, features = zip(*order) if rows else ((), ())
        return self._aligned(answer._replace(found=translations, features=features, listed=True))

    def _forced(self, pairs):
        """An iterator over the Translations of ``pairs``, which are counted."""
        tokenizers = [vocab.tokenizer for vocab in self.vocabs]
        found = self.translator.force(*map(list, zip(*pairs))) if pairs else []
        for (source, _), one in zip(pairs, found):
            self.pairs.append((tokenizers[0].normalize(source), one.text))
            self.log_p += one.log_p
            self.tokens += len(one.token_log_p)
        return iter(found)

    def _too_long(self, text):
        """What is wrong with a translation of too many tokens or characters, or None."""
        try:
            tokens = len(self.vocabs[1].tokenizer.tokenize(text)) + 1
        except TooLong as error:
            return f"the translation: {error}"
        if tokens <= MAX_TOKENS:
            return None
        return f"the translation: {tokens:,} tokens, at most {MAX_TOKENS} can be scored: cut it up"

    def _aligned(self, answer):
        if self.alignment is None:
            return answer
        from ..translation.written.alignments import with_alignments

        return with_alignments(answer, self.translator, self.alignment)

    def summary(self, trained_on):
        """What there is to say at the end, in a line."""
        if not self.pairs:
            return "nothing could be scored"
        each, token = self.log_p / len(self.pairs), self.log_p / self.tokens
        parts = [
            f"{len(self.pairs):,} translations: log P is {each:.3f} nats each, {token:.3f} a token"
            f", perplexity {math.exp(min(-token, 700.0)):.2f}"
        ]
        if self.moved is not None:
            parts.append(f"another one is the best of {self.moved:,} sources")
        seen, name = overlap_with_training(self.translator.model, trained_on, self.pairs)
        parts.append(f"the model was trained on {seen} ({name})" if seen else NOT_KNOWN)
        return "; ".join(parts)
