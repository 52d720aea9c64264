"""The API as an OpenAPI document, and the document as a page.

Ranges and defaults are those of the classes that check requests. FastAPI would write the document,
but needs pydantic's compiled core, and its pages need a network.
"""

import json
from html import escape
from typing import Any, Dict, List, Type

from .. import __version__
from ..settings.fields import Setting, settings_of
from .asked import Limits, Search, Translate

TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}


def document(limits: Limits) -> Dict[str, Any]:
    """The API as OpenAPI 3.1 describes it."""
    text = {"type": "string", "maxLength": limits.characters}
    sentences = {
        "type": "array",
        "items": text,
        "minItems": 1,
        "maxItems": limits.sentences,
        "description": f"Texts of at most {limits.characters:,} characters and {limits.tokens} "
        "tokens. One that is longer is an error of its own.",
    }
    error = _object("Why there is no answer.", error=_said("string", "One line."))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gluon_seq2seq",
            "version": __version__,
            "description": "Translate with models of the encoder-decoder chapter. Where the server "
            "has a password, send it as Authorization: Bearer PASSWORD, or by Basic with any name.",
        },
        "paths": {
            "/api/translate": {
                "post": {
                    "summary": "Translate sentences.",
                    "description": "Each result has source_tokens, unknown and n_best, or error "
                    f"alone. With attention at most {limits.attention} translations a request.",
                    **_asks(Translate, "sentences", sentences),
                    "responses": _responses("translations"),
                }
            },
            "/api/beam": {
                "post": {
                    "summary": "Show what beam search kept, finished and pruned.",
                    "description": "The best translation is the finished candidate of the highest "
                    "score; its parents lead back to the beginning.",
                    **_asks(Search, "sentence", text),
                    "responses": _responses("tree"),
                }
            },
            "/api/models": {
                "get": {
                    "summary": "List the models, and what a request may cost.",
                    "responses": _responses("models", refused=False),
                }
            },
            "/health": {
                "get": {
                    "summary": "Say whether the server translates; asks for no password.",
                    "responses": {
                        **_responses("health", refused=False),
                        "503": {"description": "A batch has taken minutes: start it again."},
                    },
                }
            },
        },
        "components": {"schemas": {**_answers(), "error": error}},
    }


def _asks(kind: Type[Search], name: str, schema: Dict[str, Any]) -> Dict[str, Any]:
    """The body of a request: ``name``, the model and the settings of ``kind``."""
    model = _said("string", "A name of /api/models; the first unless given.")
    fields = {name: schema, "model": model}
    fields.update({one.name: _setting(one) for one in settings_of(kind)})
    schema = {**_object("", **fields), "required": [name], "additionalProperties": False}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _setting(one: Setting) -> Dict[str, Any]:
    limits = {"minimum": one.limits.get("min"), "maximum": one.limits.get("max")}
    known = {name: value for name, value in limits.items() if value is not None}
    return {**_said(TYPES[one.kind], one.help), "default": one.default, **known}


def _answers() -> Dict[str, Any]:
    """The schemas of what is answered."""
    number, word = {"type": "number"}, {"type": "string"}
    unknown = _object(
        "A word that the model reads as <unk>.",
        word=word,
        positions=_list({"type": "integer"}, "Which of source_tokens it is made of."),
        near=_said(["string", "null"], "The known word nearest to it, of the first few."),
    )
    translation = _object(
        "A translation.",
        text=word,
        tokens=_list(word, "Its tokens."),
        log_p=_said("number", "log P in nats, <eos> counted."),
        p=_said("number", "Its probability."),
        score=_said("number", "log_p / length ** alpha; of greedy search log_p."),
        attention=_list(
            _list(number, "The weights of source_tokens."),
            "A row for each of tokens and for <eos>, where it was asked for.",
        ),
    )
    result = _object(
        "What there is to say of a sentence.",
        source_tokens=_list(word, "As the model reads it, <eos> last."),
        unknown=_list(unknown, "The words that it does not know."),
        n_best=_list(translation, "Best first; with beam search as many as were found."),
        error=_said("string", "Why it was not translated; then nothing else is there."),
    )
    candidate = _object(
        "A continuation that was looked at.",
        parent=_said("integer", "What it continues: a place in the step before; -1 in the first."),
        token=word,
        log_p=_said("number", "Of the whole hypothesis so far."),
        score=_said("number", "log_p / length ** alpha."),
        fate={"type": "string", "enum": ["kept", "finished", "pruned"]},
    )
    model = _object(
        "A model.",
        name=word,
        source_language=_said("string", "A code of ISO 639-1."),
        target_language=_said("string", "A code of ISO 639-1."),
        source_words={"type": "integer"},
        target_words={"type": "integer"},
        attention=_said("boolean", "Whether it has attention."),
    )
    how = {"model": word, "beam_size": {"type": "integer"}, "alpha": number}
    return {
        "translations": _object("", **how, results=_list(result, "One for each sentence.")),
        "tree": _object("", **how, steps=_list(_list(candidate, "Best first."), "Word by word.")),
        "models": _object(
            "",
            models=_list(model, "Those that there are."),
            limits=_object("What a request may cost.", **dict.fromkeys(Limits._fields, number)),
        ),
        "health": _object(
            "",
            status={"type": "string", "enum": ["ok", "stuck"]},
            models={"type": "integer"},
            waiting=_said("integer", "Sentences in the queue."),
        ),
    }


def _responses(schema: str, refused: bool = True) -> Dict[str, Any]:
    def reference(name: str) -> Dict[str, Any]:
        return {
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        }

    found = {"200": {"description": "The answer.", **reference(schema)}}
    why = {"401": "The password is missing or wrong.", "403": "Asked under another name, or by a "
           "page of another site."}  # fmt: skip
    if refused:
        why = {
            "400": "Something in the body cannot be used.",
            **why,
            "408": "The body did not come in time.",
            "413": "The body is too long.",
            "415": "The body is not said to be JSON.",
            "503": "Too many sentences wait, or there was no answer in time: ask again.",
        }
    found.update(
        {status: {"description": line, **reference("error")} for status, line in why.items()}
    )
    return found


def _said(kind: Any, description: str) -> Dict[str, Any]:
    return {"type": kind, "description": description}


def _list(items: Dict[str, Any], description: str) -> Dict[str, Any]:
    return {"type": "array", "items": items, "description": description}


def _object(description: str, **properties: Any) -> Dict[str, Any]:
    return {**_said("object", description), "properties": properties}


# The page.


def as_html(described: Dict[str, Any]) -> str:
    """``described``, an OpenAPI document, as a page without scripts."""
    schemas = described["components"]["schemas"]
    parts = [f"<p>{escape(described['info']['description'])}</p>"]
    parts.append('<p><a href="/">The page</a> · <a href="/openapi.json">openapi.json</a></p>')
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            parts.append(f"<h2><code>{method.upper()} {path}</code></h2>")
            parts.append(f"<p>{escape(one['summary'])} {escape(one.get('description', ''))}</p>")
            if "requestBody" in one:
                schema = one["requestBody"]["content"]["application/json"]["schema"]
                parts += ["<h3>Request</h3>", _fields(schema, schemas)]
            for status, response in one["responses"].items():
                if status == "200":
                    schema = response["content"]["application/json"]["schema"]
                    parts += ["<h3>Answer</h3>", _fields(schema, schemas), "<h3>Other</h3><ul>"]
                else:
                    parts.append(
                        f"<li><code>{status}</code> {escape(response['description'])}</li>"
                    )
            parts.append("</ul>")
    return PAGE.format(title=escape(described["info"]["title"]), body="\n".join(parts))


def _fields(schema: Dict[str, Any], schemas: Dict[str, Any]) -> str:
    """The properties of an object, and of those in it, as nested lists."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    lines: List[str] = []
    for name, one in schema["properties"].items():
        inner, kind = one, ""
        while inner.get("type") == "array":
            inner, kind = inner["items"], f"{kind}list of "
        kind += " or ".join(inner["type"] if isinstance(inner["type"], list) else [inner["type"]])
        told = [kind, *(f"{key}: {json.dumps(one[key])}" for key in KEYS if key in one)]
        needed = " (required)" if name in schema.get("required", ()) else ""
        below = _fields(inner, schemas) if "properties" in inner else ""
        lines.append(
            f"<li><code>{name}</code>{needed}, {escape(', '.join(told))}. "
            f"{escape(one.get('description', ''))}{below}</li>"
        )
    return f"<ul>{''.join(lines)}</ul>"


KEYS = "default", "minimum", "maximum", "maxLength", "minItems", "maxItems", "enum"
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: API</title>
<link rel="stylesheet" href="/static/page.css">
<link rel="icon" href="/static/icon.svg">
</head>
<body>
<main>
<h1>{title}: API</h1>
{body}
</main>
</body>
</html>
"""
