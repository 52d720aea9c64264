"""A text of a document as pieces: words to translate, and codes that stay as they are.

The model is asked for sentences without codes alone, so that none can be lost: the text is cut at
codes that stand between sentences. A placeholder within a sentence is shown to the model as a word
that it does not know, and has to come back exactly once; a tag within a sentence cannot be placed.
"""

import re
from types import MappingProxyType
from typing import Callable, Dict, Iterable, List, Mapping, NamedTuple, Sequence, Union

from ...corpus.readers.markup.placeholders import PLACEHOLDER
from ..unknown import stand_ins

WORD, MARK, BREAK = "word", "mark", "break"
CODE = re.compile(
    r"(?P<mark></?[A-Za-z][^<>]*>|\{\\[^{}]*\}|(?P<line>(?:(?<![ \t])[ \t]*\r?\n)+)|(?:\\n)+|♪)"
    rf"|(?P<word>&\#?\w+;|{PLACEHOLDER.pattern})",
    re.VERBOSE,
)
UNCLEAR = (
    (re.compile(r"[{}]"), "braces that may be a placeholder"),
    (re.compile(r"\w_|_\w|(?<![A-Z])&\w|&[^\W\d_A-Z]"), "& or _, which may mark an accelerator"),
)
SYNTAX = set("%${}<>\\")  # of what a program may take for a code
CLOSERS = "\"')]}»”’ \t"
ENDED = re.compile(r"[.!?…:;。！？：；]")
OPENS = re.compile(r"[!?…:。！？：]")  # after which a placeholder begins something new
SENTENCE = re.compile(
    r"(?<=[!?…:])[\"')\]»”’]*\s+|(?<=[a-zß-ÿ0-9)\"»”]{2}\.)\s+(?=[^\W\d_a-z])|(?<=[。！？：])"
)


class Code(NamedTuple):
    """What stays: ``raw`` as the document has it, and its ``kind``: a ``word`` stands for one, a
    ``mark`` gives text a form, at a ``break`` a sentence ends."""

    raw: str
    kind: str


Piece = Union[str, Code]


class Unfit(Exception):
    """Why a text cannot be translated and kept whole."""


def coded(text: str, escape: Callable[[str], str] = str) -> List[Piece]:
    """The pieces of a text with tags, entities, line ends and placeholders; ``escape`` makes of a
    code what the document has for it. Raises :class:`Unfit` where it is not clear what is one."""
    pieces: List[Piece] = []
    last = 0
    for found in CODE.finditer(text):
        kind = WORD if found["word"] else MARK
        if (found["line"] or "").count("\n") > 1:
            kind = BREAK
        pieces += [text[last : found.start()], Code(escape(found[0]), kind)]
        last = found.end()
    pieces.append(text[last:])
    for piece in pieces:
        for pattern, what in UNCLEAR:
            if isinstance(piece, str) and pattern.search(piece):
                raise Unfit(what)
    return [piece for piece in pieces if piece]


class Run(NamedTuple):
    """Pieces that are translated together, or not at all: ``text``, with ``words`` for the codes in
    it, or ``""`` where they stay; and the spaces around it."""

    pieces: List[Piece]
    text: str = ""
    words: Mapping[str, Code] = MappingProxyType({})
    before: str = ""
    after: str = ""

    def filled(self, translation: str) -> List[Piece]:
        """The pieces of the translation of ``text``; raises :class:`Unfit` where a code is lost."""
        if not self.text:
            return self.pieces
        if not translation.strip():
            raise Unfit("the model gives no translation")
        whole = rf"(?<![A-Za-z])({'|'.join(self.words)})(?![A-Za-z])"
        parts = re.split(whole, translation) if self.words else [translation]
        came = [part for part in parts if part in self.words]
        if sorted(came) != sorted(self.words) or _unnamed(self, came) != _unnamed(self, self.words):
            lost = " ".join(code.raw for code in self.words.values())
            raise Unfit(f"a placeholder within a sentence, {lost}, which the model did not keep")
        pieces = [self.words.get(part, part) for part in parts]
        text = "".join(piece for piece in pieces if isinstance(piece, str))
        if SYNTAX & set(text) - set(self.text) or any(isinstance(one, Code) for one in coded(text)):
            raise Unfit("the model wrote what looks like a code")
        for piece, after in zip(pieces, pieces[1:]):
            if isinstance(piece, Code) and _longer(piece.raw, str(after)):
                raise Unfit(f"a placeholder, {piece.raw}, which the model went on with")
        return [piece for piece in (self.before, *pieces, self.after) if piece]


def _longer(raw: str, after: str) -> bool:
    """Whether a placeholder would not end where it does before ``after``, as ``$name`` before a
    letter."""
    ends = [found and found.end() for found in map(CODE.match, (raw, raw + after))]
    return ends[0] != ends[1]


def _unnamed(run: Run, words: Iterable[str]) -> List[str]:
    """Those of ``words`` whose placeholders are told by their order alone, as %s and {}."""
    return [word for word in words if re.fullmatch(r"%[^(\d].*|\{\}", run.words[word].raw)]


def runs_of(pieces: Sequence[Piece]) -> List[Run]:
    """The runs of a text; raises :class:`Unfit` for a tag within a sentence."""
    atoms: List[Piece] = []
    for piece in pieces:
        atoms += [piece] if isinstance(piece, Code) else _sentences(piece)
    groups: List[List[Piece]] = []
    for i, atom in enumerate(atoms):
        if i and not _between(atoms, i):
            groups[-1].append(atom)
        elif i and isinstance(atom, str) and all(isinstance(one, str) for one in groups[-1]):
            groups[-1].append(atom)  # sentences without a code between them
        else:
            groups.append([atom])
    return [_run(group) for group in groups]


def _sentences(text: str) -> List[str]:
    """A text cut after its sentences, the spaces with the one before."""
    ends = [found.end() for found in SENTENCE.finditer(text)]
    parts = [text[begin:end] for begin, end in zip([0, *ends], [*ends, len(text)])]
    return [part for part in parts if part]


def _between(atoms: List[Piece], i: int) -> bool:
    """Whether a sentence ends between ``atoms[i - 1]`` and ``atoms[i]``."""
    before, after = atoms[i - 1], atoms[i]
    kinds = [one.kind if isinstance(one, Code) else "" for one in (before, after)]
    if BREAK in kinds or kinds == ["", ""]:
        return True
    if MARK in kinds:
        return any(_apart(atoms, k) for k, kind in zip((i - 1, i), kinds) if kind == MARK)
    return kinds == ["", WORD] and bool(OPENS.match(_last(str(before))))


def _apart(atoms: List[Piece], k: int) -> bool:
    """Whether the mark ``atoms[k]`` stands between sentences, or at an end of the text."""
    if not any(map(_says, atoms[:k])) or not any(map(_says, atoms[k + 1 :])):
        return True
    before = next(
        one for one in atoms[k - 1 :: -1] if not (isinstance(one, Code) and one.kind == MARK)
    )
    return bool(ENDED.match(_last(before))) if isinstance(before, str) else before.kind == BREAK


def _says(piece: Piece) -> bool:
    """Whether a piece is more than form and punctuation."""
    return piece.kind == WORD if isinstance(piece, Code) else any(map(str.isalnum, piece))


def _last(text: str) -> str:
    """The last character of a text that is no quote, bracket or space."""
    return text.rstrip(CLOSERS)[-1:]


def _run(group: List[Piece]) -> Run:
    texts = [piece for piece in group if isinstance(piece, str)]
    if not any(map(str.isalpha, "".join(texts))):
        return Run(group)
    if any(isinstance(piece, Code) and piece.kind != WORD for piece in group):
        raise Unfit("a tag or line end within a sentence")
    words: Dict[str, Code] = {}
    text, free = "", stand_ins("".join(texts))
    for piece in group:
        if isinstance(piece, Code):
            word = next(free)
            words[word] = piece
            text += word
        else:
            text += piece
    core = text.strip()
    begin = text.index(core)
    return Run(group, core, words, text[:begin], text[begin + len(core) :])
