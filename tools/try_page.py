"""The page without a server, with a model that comes along: python -m tools.try_page FOLDER

What site and gallery show to try before anything is installed. onnxruntime-web comes from npm,
once, into build/onnxruntime-web. Where it cannot, one line says so, there is no FOLDER, and whoever
is to have the page does without.
"""

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from gluon_seq2seq import Seq2SeqError, SystemProblem, load_model
from gluon_seq2seq.export.export import export
from gluon_seq2seq.export.web.folder import FILES, VERSION, onnxruntime_web

BUILD = Path(__file__).resolve().parents[1] / "build"
RUNTIME = BUILD / "onnxruntime-web"
MODEL = "mini-luong2015"


def write(folder):
    """Write the page into ``folder``; returns whether it is there."""
    folder = Path(folder)
    try:
        runtime = onnxruntime_web(_runtime())
        export(load_model(MODEL, "cpu"), folder, "web", overwrite=True, onnxruntime_web=runtime)
    except Seq2SeqError as error:
        print(f"no page to try in {folder}: {error}", file=sys.stderr)
        shutil.rmtree(folder, ignore_errors=True)
        return False
    return True


def _runtime():
    """The folder of onnxruntime-web, which is fetched where it is not there yet."""
    try:
        return onnxruntime_web(RUNTIME)
    except SystemProblem:
        shutil.rmtree(RUNTIME, ignore_errors=True)
    BUILD.mkdir(exist_ok=True)
    package = f"onnxruntime-web@{VERSION}"
    command = ["npm", "pack", package, "--silent", "--pack-destination", str(BUILD)]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    except OSError:
        raise SystemProblem(f"npm, which fetches {package}, is not installed") from None
    except subprocess.CalledProcessError:
        raise SystemProblem(f"npm could not fetch {package}") from None
    archive = BUILD / done.stdout.split()[-1]
    _unpack(archive)
    archive.unlink()
    return RUNTIME


def _unpack(archive):
    """The few files that the page needs, of the 120 MB in it."""
    with tarfile.open(archive) as packed:
        for name in ("package.json", *(f"dist/{path}" for path in FILES)):
            (RUNTIME / name).parent.mkdir(parents=True, exist_ok=True)
            with packed.extractfile(f"package/{name}") as inside, open(RUNTIME / name, "wb") as out:
                shutil.copyfileobj(inside, out)


if __name__ == "__main__":
    write(sys.argv[1])
