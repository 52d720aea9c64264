"""``make hub``: three students of a JupyterHub log in, and open and run notebook 2, at once.

Not a part of the tests: it needs root, and a hub (``make hub`` installs it in build/hub). Where it
cannot run it says why, and ends well.
"""

import importlib.metadata
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .classroom import CHECKOUT, CONFIG, HUB, Classroom, enter, missing
from .client import JupyterServer

NOTEBOOK = "my-notebooks/en/02_encoder.ipynb"
KEPT = "my-notebooks/zh/02_encoder.ipynb"


def lesson(student):
    """Log in, start, open and run; the number of cells run."""
    student.log_in("a wrong password", wanted=(403,))
    student.log_in()
    student.start_server()
    page = student.server.ask("GET", f"lab/tree/{NOTEBOOK}").text
    assert "JupyterLab" in page, page[:300]
    notebook = student.server.run(NOTEBOOK)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert (student.home / NOTEBOOK).stat().st_uid == student.uid != 0
    return sum(cell["execution_count"] is not None for cell in cells), len(cells)


def comes_back(student):
    """What a student wrote is there when the server starts anew."""
    (student.home / KEPT).write_text("mine", "utf-8")
    student.stop_server()
    student.start_server()
    assert (student.home / KEPT).read_text("utf-8") == "mine"
    ran = student.server.ask("GET", f"api/contents/{NOTEBOOK}").json()["content"]
    assert any(cell.get("outputs") for cell in ran["cells"])


def pulled(student):
    """A link of nbgitpuller brings notebooks of a repository; how many."""
    repository = Path("/run/hub/lessons/seq2seq")
    shutil.copytree(CHECKOUT / "notebooks" / "en", repository / "en")
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@localhost"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "lesson"]):
        subprocess.run([*git, *words], check=True)
    daemon = ["git", "daemon", "--export-all", "--listen=127.0.0.1"]
    with subprocess.Popen([*daemon, f"--base-path={repository.parent}"]) as server:
        try:
            link = {"repo": "git://127.0.0.1/seq2seq", "branch": "main"}
            assert "nbgitpuller" in student.server.ask("GET", "git-pull", params=link).text
            # What the script of that page asks for.
            link["targetpath"] = "seq2seq"
            told = student.server.ask("GET", "git-pull/api", params=link).text
            assert '"phase": "finished"' in told, told
        finally:
            server.terminate()
    return len(list((student.home / "seq2seq" / "en").glob("*.ipynb")))


def main():
    why = missing()
    if why:
        print(f"Skipped: {why}.")
        return
    enter("tools.hub")
    hub = subprocess.check_output([HUB, "--version"], text=True).strip()
    server = importlib.metadata.version("jupyterhub")
    print(f"JupyterHub {hub}, jupyterhub-singleuser {server}, {CONFIG.name}, PAM")
    with Classroom(3) as room, ThreadPoolExecutor(3) as pool:
        for student, (ran, cells) in zip(room.students, pool.map(lesson, room.students)):
            assert ran == cells > 5, (ran, cells)
            print(f"{student.name}: 403 with a wrong password, then logged in, server started;")
            print(f"{student.name}: {NOTEBOOK} opened, {ran} cells run")
        one, other, _ = room.students
        JupyterServer(other.server.url, one.http).ask("GET", "api/contents", wanted=(403,))
        print(f"{one.name} asks for the files of {other.name}: 403")
        comes_back(one)
        print(f"{one.name}: what was written stays when the server starts anew")
        print(f"{other.name}: {pulled(other)} notebooks pulled by a link of nbgitpuller")


if __name__ == "__main__":
    sys.exit(main())
