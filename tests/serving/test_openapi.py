"""The OpenAPI document says what the server does."""

import jsonschema
import pytest

from gluon_seq2seq.serving.asked import Limits
from gluon_seq2seq.serving.openapi import as_html, document


@pytest.fixture(scope="module")
def described(served):
    status, found = served.ask("/openapi.json")
    assert status == 200
    return found


def checked(described, name, found):
    """``found`` is what the schema ``name`` says, and has nothing that it does not."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    jsonschema.Draft202012Validator(schema).validate(found)

    def known(schema, value):
        if isinstance(value, list):
            for one in value:
                known(schema["items"], one)
        elif isinstance(value, dict):
            assert set(value) <= set(schema["properties"])
            for key, one in value.items():
                known(schema["properties"][key], one)

    known(described["components"]["schemas"][name], found)


def test_every_route_is_described_and_answers_as_it_says(served, described):
    fields = {"sentences": ["They are watching.", "x " * 200, "qqq"], "attention": True}
    answers = {
        "/api/translate": served.ask("/api/translate", fields),
        "/api/beam": served.ask("/api/beam", {"sentence": "They are watching."}),
        "/api/models": served.ask("/api/models"),
        "/health": served.ask("/health"),
    }
    assert set(described["paths"]) == set(answers)
    for path, (status, found) in answers.items():
        (one,) = described["paths"][path].values()
        schema = one["responses"][str(status)]["content"]["application/json"]["schema"]["$ref"]
        checked(described, schema.rpartition("/")[2], found)
    for refused in (
        served.ask("/api/translate", {}),
        served.ask("/api/models", Host="evil.example"),
        served.ask("/api/translate", {}, Content_Type="text/plain"),
    ):
        checked(described, "error", refused[1])
        assert str(refused[0]) in described["paths"]["/api/translate"]["post"]["responses"]


@pytest.mark.parametrize(
    "path, text", [("translate", {"sentences": ["a"]}), ("beam", {"sentence": "a"})]
)
def test_its_ranges_are_those_that_are_checked(served, described, path, text):
    body = described["paths"][f"/api/{path}"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    valid = jsonschema.Draft202012Validator(schema).is_valid
    tried = [{}, text, {**text, "more": 1}, {**text, "model": 7}, {**text, "model": "mini-book"}]
    for name, one in schema["properties"].items():
        for end in "minimum", "maximum":
            if end in one:
                beyond = one[end] + (1 if end == "maximum" else -1)
                both = {"beam_size": 20} if name == "n_best" else {}
                tried += [{**text, **both, name: one[end]}, {**text, name: beyond}]
        tried += [{**text, name: wrong} for wrong in ("x", None, [[]])]
    for fields in tried:
        if fields.get("model") == "x":
            continue  # a text, but no model's
        status, _ = served.ask(f"/api/{path}", fields)
        assert (status == 200) == valid(fields), fields
    assert len(tried) > 15


def test_the_page_of_it(served, described):
    status, _, page = served.raw("/api")
    assert status == 200 and page == as_html(described) == as_html(document(Limits()))
    for path in described["paths"]:
        assert f"{path}</code>" in page
    assert "&lt;eos&gt;" in page and "<eos>" not in page and "<script" not in page
    assert "http://" not in page and "https://" not in page  # needs no network
