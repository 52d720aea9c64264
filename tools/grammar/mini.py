"""The bundled corpus mini: its splits, and the sets that hold something back from training."""

import hashlib
import json
import math
import random
from collections import Counter, defaultdict
from functools import lru_cache
from typing import NamedTuple, Tuple

from gluon_seq2seq.text.tokenizer import Tokenizer

from .lexicon import load_lexicon
from .sampler import Sampler, makes_sense
from .structure import Action, Clause, NounPhrase, Pronoun, Quality, Sentence, referents
from .synchronous import Reference, begun, translations

TRAIN, MORE, DEV, TEST, HELD_OUT = 3000, 7000, 300, 300, 250
LEAST = 75  # training pairs for each phenomenon
LONG = 14  # tokens of a source that is too long for training
HELD_BACK = ("adjective-noun", "verb-tense", "negation", "pronoun")
TENSES_HELD_BACK = ("past progressive", "past")
OFTEN = 3  # times that training shows each word of a held-out set


class Pair(NamedTuple):
    """A sentence, its English tokens, all its references, and the one drawn for the TSV file."""

    sentence: Sentence
    tokens: Tuple[str, ...]
    references: Tuple[Reference, ...]
    drawn: Reference


def build(seed=0):
    """All splits and sets by name, each a list of :class:`Pair`."""
    lexicon = load_lexicon()
    draws = _Draws(lexicon, seed)
    sets = {"train": _train(draws)}
    draws.know(sets["train"])
    # Nothing but what a set is about may be new in it: every word stands in train.
    sets["dev"] = draws.take(DEV)
    sets["test"] = draws.take(TEST)
    draws.know(sets["train"], OFTEN)
    for name in HELD_BACK:
        sets[name] = draws.take(HELD_OUT, {name})
        sets[f"{name}-control"] = draws.match(sets[name], lambda s, n=name: combinations(s)[n])
    sets["length"] = draws.take(HELD_OUT, length=_is_long)
    sets["length-control"] = _joined(draws, sets["train"], sets["length"])
    unknown = _Draws(lexicon, f"{seed} unknown", unknown=0.3, like=draws)
    sets["unknown"] = unknown.take(HELD_OUT, {"unknown"})
    sets["unknown-control"] = draws.match(sets["unknown"], lambda sentence: True)
    draws.know_all = True
    sets["train-more"] = draws.take(MORE)
    return sets


def _is_long(count):
    return count >= LONG


def _is_short(count):
    return count < LONG


class _Draws:
    """Draws :class:`Pair` after pair, no source twice; equal seeds, equal pairs."""

    def __init__(self, lexicon, seed, unknown=0.0, like=None):
        self.lexicon, self.sampler = lexicon, Sampler(lexicon, f"{seed} sentences", unknown)
        self.random = random.Random(f"{seed} references").random
        self.seen = like.seen if like else set()
        self.english, self.french = (like.english, like.french) if like else (set(), set())
        self.know_all = like is None  # until there is a train set

    def know(self, train, times=1):
        """From now on, draw only words that occur in ``train`` so many ``times``."""
        english = Counter(word for pair in train for word in pair.tokens)
        french = Counter(word for pair in train for word in pair.drawn.tokens)
        self.english = {word for word in english if english[word] >= times}
        self.french = {word for word in french if french[word] >= times}
        self.know_all = False

    def pair(self, sentence):
        """``sentence`` in both languages, with a reference drawn by its probability."""
        return _pair(sentence, *translations(sentence, self.lexicon), self.random())

    def take(
        self,
        count,
        new=frozenset(),
        of=lambda sentence: True,
        length=_is_short,
        fits=lambda pair: True,
    ):
        """The next ``count`` pairs in which exactly the things ``new`` are new.

        Most are refused; so what costs most, all the French, is asked for last. Each sentence of
        the right kind takes one random number for its reference, also where it is refused then.
        """
        taken, but_one = [], "unknown" in new
        while len(taken) < count:
            sentence = self.sampler.sentence()
            if novelties(sentence) != new or not of(sentence):
                continue
            point = self.random()
            tokens, references = begun(sentence, self.lexicon)
            if not length(len(tokens)) or tokens in self.seen:
                continue
            if not self.knows_english(tokens, but_one):
                continue
            pair = _pair(sentence, tokens, references(), point)
            if self.knows_french(pair, but_one) and fits(pair):
                self.seen.add(tokens)
                taken.append(pair)
        return taken

    def knows_english(self, tokens, but_one=False):
        """Whether every word (``but_one``: every word but one) is known."""
        return self.know_all or _unknown(tokens, self.english) == but_one

    def knows_french(self, pair, but_one=False):
        """The same of each of the references of ``pair``."""
        return self.know_all or all(
            _unknown(r.tokens, self.french) == but_one for r in pair.references
        )

    def match(self, pairs, of):
        """For each of ``pairs`` one with nothing new and as many tokens, in the same order."""
        missing = Counter(len(pair.tokens) for pair in pairs)
        found = defaultdict(list)
        for _ in pairs:
            (pair,) = self.take(1, of=of, length=missing.__getitem__)
            missing[len(pair.tokens)] -= 1
            found[len(pair.tokens)].append(pair)
        return [found[len(pair.tokens)].pop(0) for pair in pairs]


def _pair(sentence, tokens, references, point):
    """The pair of the reference at ``point``, from 0 to 1, where each takes up its probability."""
    drawn = 0
    while drawn + 1 < len(references) and point >= references[drawn].probability:
        point -= references[drawn].probability
        drawn += 1
    return Pair(sentence, tokens, references, references[drawn])


def _unknown(tokens, known):
    return sum(token not in known for token in tokens)


def _train(draws):
    """The seed sentence, natural draws, then what is still rare until there is enough of it."""
    watch = next(verb for verb in draws.lexicon.verbs if verb.english == "watch")
    first = draws.pair(Sentence((Clause(Pronoun("they"), Action(watch), "present progressive"),)))
    train = [first._replace(drawn=first.references[0])]
    draws.seen.add(first.tokens)
    train += draws.take(TRAIN * 2 // 3)
    counts = Counter(tag for pair in train for tag in pair.drawn.phenomena)

    def is_rare(pair):
        return any(counts[tag] < LEAST for tag in pair.drawn.phenomena)

    while min(counts.values()) < LEAST:
        train += draws.take(1, fits=is_rare)
        counts.update(train[-1].drawn.phenomena)
    return train + draws.take(TRAIN - len(train))


def novelties(sentence):
    """What in a sentence is held back from training: names of sets, ``unknown`` among them."""
    found = {
        name
        for name, traits in combinations(sentence).items()
        if any(_is_held_back(name, trait) for trait in traits)
    }
    return found | {"unknown"} if _unknown_words(sentence) else found


@lru_cache(maxsize=None)
def _is_held_back(name, trait):
    """Whether a combination is kept out of training: chosen once and for all by a hash."""
    if name == "verb-tense":  # one tense of each verb, so that all its forms are known
        verb, tense = trait
        number = _hash(name, verb)
        return number % 100 < 60 and TENSES_HELD_BACK[number // 100 % 2] == tense
    share = {"adjective-noun": 12, "negation": 35, "pronoun": 35}[name]
    return _hash(name, *trait) % 100 < share


def _hash(*words):
    return int.from_bytes(hashlib.sha256(" ".join(words).encode()).digest()[:8], "big")


def combinations(sentence):
    """The combinations in a sentence that a held-out set may be about."""
    traits = defaultdict(set)
    for clause in sentence.clauses:
        for referent in referents(clause):
            if isinstance(referent, NounPhrase):
                for adjective in referent.adjectives:
                    traits["adjective-noun"].add((adjective.english, referent.noun.singular))
            elif isinstance(referent, Pronoun) and referent.antecedent:
                traits["pronoun"].add((referent.antecedent.noun.singular,))
        subject = getattr(clause.subject, "antecedent", None) or clause.subject
        if isinstance(clause.predicate, Quality) and isinstance(subject, NounPhrase):
            adjective = clause.predicate.adjective.english
            traits["adjective-noun"].add((adjective, subject.noun.singular))
        if isinstance(clause.predicate, Action):
            verb = clause.predicate.verb
            habit = clause.adverb is not None and clause.adverb.time == "habit"
            if not habit and clause.tense in TENSES_HELD_BACK:
                traits["verb-tense"].add((verb.english, clause.tense))
            event = verb.aspect not in ("state", "possession")
            if clause.negative and clause.tense == "past" and event and not habit:
                traits["negation"].add((verb.english,))
    return traits


def _unknown_words(sentence):
    """The nouns, adjectives and verbs of a sentence that training never shows."""
    words = []
    for clause in sentence.clauses:
        for referent in referents(clause):
            if isinstance(referent, NounPhrase):
                words += [referent.noun, *referent.adjectives]
        if isinstance(clause.predicate, Action):
            words.append(clause.predicate.verb)
        elif isinstance(clause.predicate, Quality):
            words.append(clause.predicate.adjective)
    return [word for word in words if word.held_out]


def _joined(draws, train, long_pairs):
    """Sentences as long as ``long_pairs`` made of clauses that stand in ``train`` by themselves."""
    by_length = defaultdict(list)
    for pair in train:
        sentence = pair.sentence
        single = len(sentence.clauses) == 1 and not sentence.question
        words = [getattr(r, "word", "") for r in referents(sentence.clauses[0])]
        if single and not sentence.clauses[0].adverb_first and "they" not in words:
            by_length[len(pair.tokens) - 1].append(sentence.clauses[0])  # without the full stop
    draw = random.Random("joined").random
    joined = []
    while len(joined) < len(long_pairs):
        left = len(long_pairs[len(joined)].tokens) - 1
        clauses = []
        while left > 0:
            lengths = [n for n in by_length if n == left or n <= left - 4]
            if not lengths:
                break
            pool = by_length[lengths[int(draw() * len(lengths))]]
            clauses.append(pool[int(draw() * len(pool))])
            left -= next(n for n in by_length if by_length[n] is pool) + 1  # and "and"
        links = tuple(
            "but" if one.negative != other.negative else "and"
            for one, other in zip(clauses, clauses[1:])
        )
        sentence = Sentence(tuple(clauses), links)
        if left == -1 and len(clauses) > 1 and makes_sense(sentence):
            pair = draws.pair(sentence)
            known = draws.knows_english(pair.tokens) and draws.knows_french(pair)
            if pair.tokens not in draws.seen and known:
                draws.seen.add(pair.tokens)
                joined.append(pair)
    return joined


def write(sets, folder):
    """``NAME.tsv`` and ``NAME.jsonl`` of every set, and the counts in ``STATISTICS.md``."""
    english, french = Tokenizer("en"), Tokenizer("fr")
    for name, pairs in sets.items():
        lines, records = [], []
        for pair in pairs:
            source = english.detokenize(pair.tokens)
            lines.append(f"{source}\t{french.detokenize(pair.drawn.tokens)}\n")
            shared = set.intersection(*(set(r.phenomena) for r in pair.references))
            record = {"source": source, "phenomena": sorted(shared), "references": []}
            for reference in pair.references:
                entry = {
                    "text": french.detokenize(reference.tokens),
                    "p": round(reference.probability, 12),
                    "alignment": " ".join(f"{i}-{j}" for i, j in reference.alignment),
                }
                more = [tag for tag in reference.phenomena if tag not in shared]
                if more:
                    entry["phenomena"] = more
                record["references"].append(entry)
            records.append(json.dumps(record, ensure_ascii=False) + "\n")
        _write(folder / f"{name}.tsv", lines)
        _write(folder / f"{name}.jsonl", records)
    _write(folder / "STATISTICS.md", _statistics(sets))


def _write(path, lines):
    with open(path, "w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(lines)


def _statistics(sets):
    """Lines of Markdown: the size of each set, and how often each phenomenon occurs in train."""
    yield "# Counts\n\nWritten by `python -m tools.grammar`, like the files it counts.\n\n"
    yield (
        "| Set | Pairs | English tokens | of them different | French tokens | of them different "
        "| References a source | Entropy, nats a sentence |\n"
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    )
    for name, pairs in sets.items():
        english = Counter(word for pair in pairs for word in pair.tokens)
        french = Counter(word for pair in pairs for word in pair.drawn.tokens)
        references = sum(len(pair.references) for pair in pairs) / len(pairs)
        entropy = sum(
            -r.probability * math.log(r.probability) for pair in pairs for r in pair.references
        )
        yield (
            f"| {name} | {len(pairs):,} | {sum(english.values()):,} | {len(english):,} "
            f"| {sum(french.values()):,} | {len(french):,} | {references:.2f} "
            f"| {entropy / len(pairs):.4f} |\n"
        )
    counts = {
        name: Counter(tag for pair in sets[name] for tag in pair.drawn.phenomena)
        for name in ("train", "dev", "test")
    }
    yield "\n| Phenomenon | train | dev | test |\n| --- | ---: | ---: | ---: |\n"
    for tag in sorted(counts["train"]):
        yield f"| {tag} | " + " | ".join(f"{counts[name][tag]:,}" for name in counts) + " |\n"
