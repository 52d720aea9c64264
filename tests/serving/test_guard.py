"""Hosts, origins, passwords, headers."""

import base64
import time

import pytest

from gluon_seq2seq.serving import guard
from gluon_seq2seq.serving.guard import given_password, name_of
from serving.inprocess import serving

FIELDS = {"sentences": ["They are watching."]}


@pytest.mark.parametrize(
    "host, expected",
    [
        ("localhost", 200),
        ("LOCALHOST:80", 200),
        ("127.0.0.1:8866", 200),
        ("[::1]:8866", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("evil.example:127.0.0.1", 403),
        ("127.0.0.1.evil.example:8866", 403),
        ("", 403),
    ],
)
def test_foreign_hosts_are_refused(served, host, expected):
    for path in "/", "/api/models", "/health", "/static/page.js":
        status, _, text = served.raw(path, Host=host)
        assert status == expected, (path, text)
    assert served.ask("/api/translate", FIELDS, Host=host)[0] == expected


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:9",
        "http://127.0.0.1",
        "null",
        "",
        "https://localhost.evil.example",
    ],
)
def test_foreign_origins_are_refused(served, origin):
    status, found = served.ask("/api/translate", FIELDS, Origin=origin)
    assert (status, list(found)) == (403, ["error"])
    assert served.ask("/api/models", Origin=origin)[0] == 403


def test_the_pages_own_origin(served):
    assert served.ask("/api/translate", FIELDS, Origin=served.address)[0] == 200
    assert "access-control-allow-origin" not in served.raw("/api/models")[1]


def test_behind_a_proxy(worker):
    with serving(worker, hosts=["Translate.Example:443"]) as served:
        origin = "https://translate.example"
        assert served.ask("/api/models", Host="translate.example", Origin=origin)[0] == 200
        assert served.ask("/api/models", Origin=origin)[0] == 200  # the proxy says localhost
        assert served.ask("/api/models", Host="evil.example")[0] == 403
        assert served.ask("/api/models", Origin="https://evil.example")[0] == 403


def test_any_name_where_other_machines_may_ask(worker):
    with serving(worker, anyone=True) as served:
        assert served.ask("/api/models", Host="lab-7:8866")[0] == 200
        assert served.ask("/api/models", Host="lab-7", Origin="http://lab-7")[0] == 200
        assert served.ask("/api/models", Host="lab-7", Origin="http://evil.example")[0] == 403


def basic(name, password):
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def test_passwords(worker, monkeypatch):
    monkeypatch.setattr(guard, "WRONG", 0.1)
    with serving(worker, password="gänse: füßchen") as served:
        for path in "/", "/api", "/api/models", "/static/page.js", "/openapi.json":
            status, headers, _ = served.raw(path)
            assert status == 401 and headers["www-authenticate"].startswith("Basic ")
        assert served.ask("/health")[0] == 200
        began = time.monotonic()
        for wrong in (
            basic("", "gänse"),
            basic("", ""),
            basic("gänse: füßchen", ""),
            "Bearer x",
            "Bearer gänse".encode().decode("latin-1"),
        ):
            status, found = served.ask("/api/translate", FIELDS, Authorization=wrong)
            assert (status, found) == (401, {"error": "that is not the password"})
        assert time.monotonic() - began >= 0.5, "guessing is to be slow"
        for none in "Basic !!!", "Basic", "Digest x", "":
            assert served.ask("/api/models", Authorization=none)[0] == 401
        right = "Bearer gänse: füßchen".encode().decode("latin-1")
        for ok in basic("anybody", "gänse: füßchen"), basic("", "gänse: füßchen"), right:
            assert served.ask("/api/translate", FIELDS, Authorization=ok)[0] == 200
        cross = {"Authorization": right, "Origin": "http://evil.example"}
        assert served.ask("/api/translate", FIELDS, **cross)[0] == 403
        assert "gänse" not in "".join(served.log)


def test_headers(served):
    for path in "/", "/api", "/static/page.js", "/api/models", "/nothing":
        headers = served.raw(path)[1]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and "server" not in headers
    assert served.raw("/api/models")[1]["cache-control"] == "no-store"


def test_a_log_line_cannot_be_forged(fresh):
    fresh.ask("/health", X_Forwarded_For="200 OK forged")
    fresh.raw("/%0aforged", method="GET")
    fresh.raw("/", method="FORGED")
    assert "forged" not in "".join(fresh.logged(3)).lower()


def test_names_and_passwords_of_headers():
    assert [name_of(host) for host in ("a:1", "[::1]:8", " A ", "a:b:1")] == [
        "a",
        "[::1]",
        "a",
        "a:b",
    ]
    assert given_password(basic("a", "b:c")) == b"b:c"
    assert given_password("bearer  x ") == b"x"
    assert given_password("Basic äöü") is None
