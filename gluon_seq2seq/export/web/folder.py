"""The files of a page that translates without a server, beside the graphs and vocabularies.

===================== ============================================================================
``index.html``        the page of :mod:`~gluon_seq2seq.serving`, in whose ``static/`` ``api.js``
                      asks the model itself
``model/``            the graphs, the vocabularies, and ``model.json``: rules of the tokenizers
``onnxruntime/``      onnxruntime-web, which runs the graphs in a browser, in one thread
``sw.js``             a service worker, which keeps all of it for when there is no network
===================== ============================================================================
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Optional

from ...errors import SystemProblem
from ...files import foreign
from ...model.checks import languages_of
from ...serving.asked import NEAR, Limits
from ...translation.exported import TOLD, is_page
from .as_data import shared_rules, tokenizer_rules

VERSION = "1.23.2"
FILES = {  # servers know the ending .js
    "ort.wasm.min.mjs": (
        "ort.js",
        "69751720f611e37d1ce2fa3c6ebaa80f949014752636c5f8887a63d40feadcc7",
    ),
    "ort-wasm-simd-threaded.mjs": (
        "ort-wasm-simd-threaded.js",
        "90a557d15c02bac4504d95b67f431d8594635ed2a0a62a7f2cd83d090ff91d3e",
    ),
    "ort-wasm-simd-threaded.wasm": (
        "ort-wasm-simd-threaded.wasm",
        "45eaee27761ad883742a8d4b8fce1538d60ce43b51adf1726fafccc59b8c1a15",
    ),
}
"""Of onnxruntime-web's ``dist/``: what a file is called in the page, and its SHA-256."""
FETCH = f"npm install onnxruntime-web@{VERSION}"
OURS = Path(__file__).parent / "static"
PAGE = Path(__file__).parents[2] / "serving" / "static"
NAMES = {"index.html", "model", "onnxruntime", "static", "sw.js"}
SERVER = (
    '<footer><a href="api" data-say="api"></a></footer>',
    '<noscript>This page needs JavaScript; programs ask at <a href="api">/api</a>.</noscript>',
)
ALONE = (
    '<footer><p data-say="alone"></p></footer>',
    "<noscript>This page needs JavaScript: it translates by itself, without a server.</noscript>\n"
    "<script>\n"
    'if (location.protocol === "file:") document.getElementById("trouble").textContent =\n'
    '  "A browser loads no model from a file. In this folder type: python -m http.server, '
    "then open http://localhost:8000/. 浏览器不能从文件中载入模型：请在此文件夹中运行 "
    'python -m http.server，然后打开 http://localhost:8000/。";\n'
    "</script>",
)


def onnxruntime_web(folder: Optional[str] = None) -> Path:
    """Where onnxruntime-web is: in ``folder``, or else in ``node_modules`` of this folder or of one
    above it, where npm puts it.

    Raises :class:`SystemProblem` where there is none, or another version than :data:`VERSION`.
    """
    here = Path.cwd()
    places = [above / "node_modules" / "onnxruntime-web" for above in (here, *here.parents)]
    if folder is not None:
        places = [Path(folder)]
    found = next((place for place in places if (place / "package.json").exists()), None)
    if found is None:
        where = f"in {folder}" if folder is not None else f"in node_modules of {here} or above it"
        raise SystemProblem(f"no onnxruntime-web {where}: {FETCH}")
    try:
        about = foreign.from_json(foreign.content(found / "package.json"))
        name, version = about["name"], about["version"]
    except (OSError, ValueError, KeyError, TypeError):
        name, version = "a package", "of no version"
    if (name, version) != ("onnxruntime-web", VERSION):
        raise SystemProblem(f"{found} is {name} {version}, not onnxruntime-web {VERSION}: {FETCH}")
    for path, (_, digest) in FILES.items():
        _check(found / "dist" / path, digest)
    return found


def _check(path, digest):
    """Raise :class:`SystemProblem` unless the file ``path`` has this SHA-256."""
    try:
        own = foreign.sha256(path)
    except OSError as error:
        raise SystemProblem(f"cannot read {path}: {error.strerror}: {FETCH}") from None
    if own != digest:
        raise SystemProblem(f"{path} is not that of onnxruntime-web {VERSION}: {FETCH}")


def holds_one(directory):
    """Whether ``directory`` is the folder of such a page and of nothing else."""
    return {path.name for path in directory.glob("*")} == NAMES and is_page(directory)


def write(directory, model, runtime):
    """Write all but the graphs and vocabularies of ``model``, which stand in ``directory``; they
    move. ``runtime``: what :func:`onnxruntime_web` found."""
    graphs = list(directory.iterdir())
    for name in ("model", "static", "onnxruntime"):
        (directory / name).mkdir()
    for path in graphs:
        path.replace(directory / "model" / path.name)
    about = json.dumps(_about(model), ensure_ascii=False)
    (directory / "model" / TOLD).write_text(about, "utf-8")
    for path in (*PAGE.iterdir(), *OURS.iterdir()):
        if path.name not in ("index.html", "sw.js"):
            shutil.copyfile(path, directory / "static" / path.name)
    for name, (ours, _) in FILES.items():
        shutil.copyfile(runtime / "dist" / name, directory / "onnxruntime" / ours)
    index = (PAGE / "index.html").read_text("utf-8")
    for theirs, own in zip(SERVER, ALONE):
        index = index.replace(theirs, own)
    (directory / "index.html").write_text(index, "utf-8")
    _write_worker(directory)


def _about(model):
    """What ``model.json`` says: the model, limits, and the rules by which words are cut."""
    source, target = languages_of(model)
    return {
        "model": {
            "name": f"{source} → {target}",
            "source_language": source,
            "attention": model.attends,
        },
        "limits": {name: getattr(Limits(), name) for name in ("characters", "tokens")},
        "near": NEAR,
        "rules": {
            "shared": shared_rules(),
            "src": tokenizer_rules(model.src_vocab.tokenizer),
            "tgt": tokenizer_rules(model.tgt_vocab.tokenizer),
        },
    }


def _write_worker(directory):
    """The service worker, which knows all other files; its version is the digest of them all."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file())
    names = [path.relative_to(directory).as_posix() for path in paths]
    digest = hashlib.sha256()
    for name, path in zip(names, paths):
        digest.update(f"{name}\n{foreign.sha256(path)}\n".encode())
    worker = (OURS / "sw.js").read_text("utf-8").replace("{version}", digest.hexdigest()[:16])
    worker = worker.replace('"{files}"', json.dumps(["./", *names]))
    (directory / "sw.js").write_text(worker, "utf-8")
