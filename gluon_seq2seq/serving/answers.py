"""What is answered, in JSON."""

import difflib
import math
from typing import Any, Dict, List, Sequence

from starlette.responses import Response

from ..model.checks import languages_of
from ..text.tokenizer import EOS
from ..translation.search import Candidate
from ..translation.translator import Translation, Translator
from ..translation.written.formats import to_json
from .asked import Refused


def answer(fields: Dict[str, Any], status: int = 200, **headers: str) -> Response:
    """``fields`` as a response of JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named.setdefault("cache-control", "no-store")
    return Response(to_json(fields), status, named, "application/json")


def refusal(error: Refused) -> Response:
    """``{"error": one line}`` with its status."""
    headers = {}
    if error.status == 401:
        headers["www_authenticate"] = 'Basic realm="gluon-seq2seq", charset="UTF-8"'
    if error.status == 503:
        headers["retry_after"] = "5"
    return answer({"error": str(error)}, error.status, **headers)


def described_model(name: str, translator: Translator) -> Dict[str, Any]:
    """What ``/api/models`` says of one."""
    model = translator.model
    source, target = languages_of(model)
    return {
        "name": name,
        "source_language": source,
        "target_language": target,
        "source_words": len(model.src_vocab),
        "target_words": len(model.tgt_vocab),
        "attention": model.attends,
    }


def unknown_words(translator: Translator, tokens: List[str], near: int) -> List[Dict[str, Any]]:
    """The words of a source, ``tokens``, that the model reads as ``<unk>``: each with the
    ``positions`` of its tokens, and the first ``near`` with the known word ``near`` it, or null."""
    vocab = translator.model.src_vocab
    missing = set(vocab.unknown(tokens))
    found: List[Dict[str, Any]] = []
    for word, positions in vocab.tokenizer.words(tokens):
        if word in missing:
            asked = len(found) < near and len(word) < 30
            close = difflib.get_close_matches(word, vocab.idx_to_token, 1, 0.75) if asked else []
            found.append(
                {"word": word, "positions": positions, "near": close[0] if close else None}
            )
    return found


def translated(
    found: Sequence[Translation], tokens: List[str], unknown: List[Dict[str, Any]]
) -> Dict[str, Any]:
    """The result for a sentence: its ``source_tokens``, its ``unknown`` words and ``n_best``, each
    with ``attention``, a row for each token and ``<eos>``, a column for each source token and
    ``<eos>``, where that was asked for."""
    rows = []
    for one in found:
        row: Dict[str, Any] = {"text": one.text, "tokens": list(one.tokens)}
        row.update(log_p=float(one.log_p), p=math.exp(one.log_p), score=float(one.score))
        if one.attention is not None:
            row["attention"] = one.attention.astype("float64").round(4).tolist()
        rows.append(row)
    return {"source_tokens": [*tokens, EOS], "unknown": unknown, "n_best": rows}


def tree(record: Sequence[Sequence[Candidate]], translator: Translator) -> List[List[Any]]:
    """The record of a search: its steps, in each the candidates, best first, with ``parent``, the
    place of what it continues in the step before, -1 in the first, and its ``token``."""
    word = translator.model.tgt_vocab.to_tokens
    return [[{**one._asdict(), "token": word(one.token)} for one in step] for step in record]
