"""Examples by the million: what is kept of each, and that it is what was read."""

import copy
import hashlib
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluon_seq2seq.corpus import cleaning
from gluon_seq2seq.corpus.batches import Minibatches
from gluon_seq2seq.corpus.examples import Example, each_pair, pairs_of
from gluon_seq2seq.corpus.packed import BLOCK, Grouping, Numbers, Texts
from gluon_seq2seq.text.tokenizer import Tokenizer

TEXT = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=6)
PAIRS = st.lists(st.tuples(st.sampled_from("abcdé語😀"), TEXT), max_size=3 * BLOCK)


ANY = st.text(st.sampled_from("ab \n\r\x0b\x0c\x1c\x85\u2028\u2029\ud800\udfffé\x00"), max_size=6)


def grouped(pairs):
    """The examples of ``pairs``, and which of them were new."""
    kept = Grouping()
    new = [kept.add(*pair) for pair in pairs]
    return kept.examples(), new


def by_hand(pairs):
    """The same by a dict, as a list of :class:`Example`, and which were new."""
    references, new = {}, []
    for source, reference in pairs:
        found = references.setdefault(source, [])
        new.append(reference not in found)
        found += [reference] * new[-1]
    return [Example(source, tuple(texts)) for source, texts in references.items()], new


@given(PAIRS)
def test_pairs_are_grouped_as_a_dict_groups_them(pairs):
    examples, new = grouped(pairs)
    expected, expected_new = by_hand(pairs)
    assert (list(examples), new) == (expected, expected_new)
    assert examples == expected and len(examples) == len(expected)
    assert [examples[i] for i in range(len(examples))] == expected
    assert pairs_of(examples) == list(each_pair(examples)) == pairs_of(expected)


@given(st.lists(st.tuples(ANY, ANY), max_size=2 * BLOCK), st.sampled_from(["en", "fr", "zh"]))
def test_whatever_line_ends_and_half_characters_a_text_has_it_is_kept_normalised(pairs, language):
    tokenizer = Tokenizer(language)
    lines = [(f"line {n}", pair) for n, pair in enumerate(pairs, 1)]
    report = cleaning.CleaningReport()
    examples = cleaning.clean(lines, [tokenizer] * 2, 50, report)
    normal = [tuple(map(tokenizer.normalize, pair)) for pair in pairs]
    expected, new = by_hand([pair for pair in normal if all(pair)])
    assert examples == expected and report.kept == sum(new)


@given(PAIRS, st.slices(40))
def test_it_is_sliced_added_and_taken_from_as_a_list_is(pairs, some):
    examples, _ = grouped(pairs)
    expected = list(examples)
    assert examples[some] == expected[some] and examples[some][::-1] == expected[some][::-1]
    assert examples + expected == expected + examples == examples + examples == 2 * expected
    assert repr(examples) == repr(expected) and examples[some] + [] == expected[some]
    places = list(range(len(expected)))[::-2]
    assert examples.take(places) == [expected[i] for i in places]
    assert pickle.loads(pickle.dumps(examples)) == copy.deepcopy(examples) == expected
    assert pickle.loads(pickle.dumps(examples[some])) == copy.copy(examples)[some] == expected[some]


def test_it_is_not_what_is_none_of_its_kind():
    examples, _ = grouped([("a", "b"), ("c", "d")])
    assert examples != [("a", ("b",), None)] and examples != 2 and examples != examples[:1]
    assert examples != tuple(examples) and list(examples) != tuple(examples)  # as lists
    assert examples != [examples[0], Example("c", ("e",))]
    assert examples[-1] == ("c", ("d",), None)
    with pytest.raises(IndexError):
        examples[2]
    with pytest.raises(TypeError):
        examples["a"]


def test_threads_that_read_at_once_get_what_one_gets():
    examples, _ = grouped((str(n), f"{n}!") for n in range(40 * BLOCK))
    expected, steps = list(examples), [1, -1, 7, BLOCK + 1]
    with ThreadPoolExecutor(len(steps)) as pool:
        for found, step in zip(pool.map(lambda step: list(examples[::step]), steps), steps):
            assert found == expected[::step]


@settings(max_examples=20)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3000))
def test_numbers_are_those_of_a_dict(keys):
    numbers, expected = Numbers(), {}
    keys += [0, 2**62, *keys]
    for i, key in enumerate(keys):
        assert numbers.setdefault(key, i) == expected.setdefault(key, i)


def test_numbers_that_fall_on_one_place_are_kept_apart_when_it_grows():
    numbers, keys = Numbers(), [n << 40 for n in range(2000)]  # the low bits are all the same
    assert [numbers.setdefault(key, n) for n, key in enumerate(keys)] == list(range(2000))
    assert [numbers.setdefault(key, 9) for key in keys] == list(range(2000))


def test_a_pair_takes_its_text_and_a_few_bytes():
    texts, kept = Texts(), Grouping()
    for n in range(64 * BLOCK):
        texts.append(f"Numéro {n:05}.")
        kept.add(f"Number {n:05}.", f"Numéro {n:05}.")
    assert sum(map(len, texts._blocks)) == 64 * BLOCK * len("Numéro 00000. ".encode()) - 64
    assert texts._last == [] and {type(block) for block in texts._blocks} == {bytes}
    arrays = kept._numbers._keys, kept._numbers._numbers, kept._source_of
    assert [one.itemsize for one in arrays] == [8, 4, 4]
    assert len(kept._numbers._keys) <= 4 * 2 * 64 * BLOCK
    assert [one.itemsize for one in (kept.examples()._order, kept.examples()._ids)] == [4, 4]


@pytest.mark.parametrize("count", [0, 1, 2, 19, 20, 400])
def test_split_by_the_order_of_hashes(count):
    examples, _ = grouped((f"I see {n} cats.", f"Je vois {n} chats.") for n in range(count))
    ordered = sorted(examples, key=lambda e: hashlib.sha256(e.source.encode()).digest())
    held_out = max(1, count // 20)
    wanted = {"test": ordered[:held_out], "dev": ordered[held_out : 2 * held_out]}
    wanted["train"] = ordered[2 * held_out :]
    found = cleaning.split(examples)
    assert {name: sorted(some) for name, some in found.items()} == {
        name: sorted(some) for name, some in wanted.items()
    }
    assert found["train"] == [e for e in examples if e in wanted["train"]]


def test_split_is_that_of_whole_hashes_where_their_beginnings_are_equal(monkeypatch):
    examples, _ = grouped((str(n), "x") for n in range(60))
    digest = b"%24d"
    monkeypatch.setattr(cleaning, "_digest", lambda e: b"the same" + digest % -int(e.source))
    found = cleaning.split(examples)
    ordered = sorted(examples, key=lambda e: digest % -int(e.source))
    assert list(found["test"]) == sorted(ordered[:3], key=lambda e: int(e.source))


def test_ids_take_two_bytes_where_the_vocabulary_has_no_more(tiny, monkeypatch):
    small = Minibatches(pairs_of(tiny.train), tiny.src_vocab, tiny.tgt_vocab, 8)
    assert small.X.ids.itemsize == small.Y.ids.itemsize == 2
    monkeypatch.setattr(type(tiny.src_vocab), "__len__", lambda self: 2**16 + 1)
    large = Minibatches(pairs_of(tiny.train), tiny.src_vocab, tiny.tgt_vocab, 8)
    assert large.X.ids.itemsize == 4
    for one, other in zip(small, large):
        assert all(np.array_equal(a.asnumpy(), b.asnumpy()) for a, b in zip(one, other))
        assert one.X.dtype == np.int32
