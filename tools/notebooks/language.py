"""Code cells in one language: the English notebook has English alone, the Chinese one Chinese.

A source says both where they differ: ``tr("en", "zh")`` becomes one of its two arguments, and
``label("en", "zh")``, for pictures, becomes the first in English and ``label("zh")`` in Chinese,
which :func:`gluon_seq2seq.teaching.lesson.label` turns into English where no font is Chinese.
Comments and docstrings are English in the source; ``zh.json`` beside it has them in Chinese.
"""

import ast
import io
import json
import re
import tokenize

WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")  # what makes a comment a text, and no shape
LESSON = re.compile(r"(from gluon_seq2seq\.teaching\.lesson import )(.*)")
WIDTH = 100


def in_language(code, lang, chinese):
    """The code of a cell in ``lang``; ``chinese`` has comments and docstrings, by the English."""
    edits = [*_calls(code, lang), *(_remarks(code, chinese) if lang == "zh" else ())]
    resolved = _replaced(code, edits)
    resolved = LESSON.sub(lambda match: match[1] + ", ".join(_names(match[2], lang)), resolved)
    resolved = resolved.replace("  # fmt: skip", "")
    return _joined(resolved) if edits else resolved


def english(code):
    """``(zh, en)`` of the labels in the code of a cell."""
    for node in _bilingual(code):
        if node.func.id == "label":
            yield ast.literal_eval(node.args[1]), ast.literal_eval(node.args[0])


def catalogue(folder):
    """``{en: zh}`` of comments and docstrings, of the file zh.json in ``folder``."""
    path = folder / "zh.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def _bilingual(code):
    """The calls; none may stand inside an f-string, whose places Python knows since 3.12 alone."""
    if not re.search(r"\b(?:tr|label)\(", code):  # most cells; the rest takes its time
        return
    tree = ast.parse(code)
    inside = [
        one for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for one in ast.walk(node)
    ]
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Name) and called.id in ("tr", "label"):
            if node in inside:
                raise ValueError(f"{called.id}() in an f-string: put it beside: {code[:60]!r}")
            yield node


def _calls(code, lang):
    """``(begin, end, text)`` of every call that says something in two languages."""
    for node in _bilingual(code):
        text = ast.get_source_segment(code, node.args[lang == "zh"])
        if "\n" in text:  # several strings in a row
            text = f"({text})"
        if lang == "zh" and node.func.id == "label":
            text = f"label({text})"
        yield (
            (node.lineno, _column(code, node.lineno, node.col_offset)),
            (node.end_lineno, _column(code, node.end_lineno, node.end_col_offset)),
            text,
        )


def _remarks(code, chinese):
    """``(begin, end, text)`` of every comment and docstring that has words."""
    docstrings = {
        (node.body[0].lineno, _column(code, node.body[0].lineno, node.body[0].col_offset))
        for node in ast.walk(ast.parse(code))
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node) is not None
    }
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT and not token.string.startswith("###"):
            text = token.string.lstrip("# ")
        elif token.type == tokenize.STRING and token.start in docstrings:
            text = ast.literal_eval(token.string)
        else:
            continue
        if text in chinese:
            yield token.start, token.end, token.string.replace(text, chinese[text])
        elif WORDS.search(text) and not text.startswith("fmt:"):
            raise ValueError(f"zh.json has no Chinese for {text!r}")


def _column(code, line, offset):
    """The column of a character, of ast's offset in bytes."""
    return len(code.splitlines()[line - 1].encode()[:offset].decode())


def _replaced(code, edits):
    lines = code.split("\n")
    for (first, begin), (last, end), text in sorted(edits, reverse=True):
        lines[first - 1 : last] = (lines[first - 1][:begin] + text + lines[last - 1][end:]).split(
            "\n"
        )
    return "\n".join(lines)


def _names(names, lang):
    """What a notebook imports of the lesson, without what its language has no use for."""
    useless = {"tr", "label"} if lang == "en" else {"tr"}
    return [name for name in names.split(", ") if name not in useless]


def _joined(code):
    """The one argument of a call on the call's own line, where there is room now."""

    def join(match):
        line = f"{match[1]}({match[2].rstrip(',')})"
        return line if len(line) <= WIDTH else match[0]

    return re.sub(r"^([^\n]*\w)\(\n +([^\n]+)\n *\)", join, code, flags=re.MULTILINE)
