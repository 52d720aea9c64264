"""Is what ``docker run -p 8888:8888`` starts a JupyterLab that works?  COMMAND is its entry point.

``python -m tools.hub.alone COMMAND`` in a home that is empty.
"""

import re
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests

from .client import JupyterServer

NOTEBOOK = "my-notebooks/en/02_encoder.ipynb"
ADDRESS = re.compile(r"(http://127\.0\.0\.1:8888/)lab\?token=(\w+)")


def wait_for_port(seconds=120):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection(("127.0.0.1", 8888)).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def main(command):
    kept = Path.home() / NOTEBOOK.replace("02_encoder", "01_sentences_to_tensors")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("mine", "utf-8")
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        found = (ADDRESS.search(line) for line in process.stderr)
        url, token = next(match for match in found if match).groups()
        threading.Thread(target=process.stderr.read, daemon=True).start()
        wait_for_port()  # the address is printed before it is open
        with requests.Session() as stranger:
            JupyterServer(url, stranger).ask("GET", "api/contents", wanted=(403,))
        with requests.Session() as http:
            http.headers["Authorization"] = f"token {token}"
            server = JupyterServer(url, http)
            assert "JupyterLab" in server.ask("GET", "lab").text
            notebook = server.run(NOTEBOOK)
            extensions = server.ask("GET", "git-pull", wanted=(200,), params={"repo": "x"}).text
            assert "nbgitpuller" in extensions
    finally:
        process.terminate()
        process.wait(120)
    assert kept.read_text("utf-8") == "mine"
    cells = sum(cell["cell_type"] == "code" for cell in notebook["cells"])
    print(f"JupyterLab answers at {url}; 403 without the token; {NOTEBOOK}: {cells} cells run")


if __name__ == "__main__":
    main(sys.argv[1:])
