"""A JupyterHub with students who are users of the system, in a room of its own.

The room is made of namespaces (unshare): processes, mounts and a network that is loopback alone.
/etc is a copy there, and homes are in memory, so that the system gets no user and no file; and
however this ends, even by SIGKILL, the kernel ends every process in the room and drops the rest.
"""

import os
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import requests

from .client import JupyterServer, Refused

CHECKOUT = Path(__file__).resolve().parents[2]
CONFIG = Path(__file__).with_name("jupyterhub_config.py")
INSTALLED = CHECKOUT / "build" / "hub"  # where `make hub` puts the hub and its proxy
HUB = INSTALLED / "venv" / "bin" / "jupyterhub"
PROXY = INSTALLED / "node_modules" / ".bin" / "configurable-http-proxy"
URL = "http://127.0.0.1:8000"
INSIDE = "GLUON_SEQ2SEQ_ROOM"
ROOM = """
ip link set lo up
mount -t tmpfs -o mode=755 tmpfs /run
cp -a /etc /run/etc
mount --bind /run/etc /etc
mkdir /run/home /run/hub
"$@"
exit
"""
TOOLS = "unshare", "setpriv", "ip", "useradd", "groupadd", "chpasswd", "runuser", "node", "git"


def missing():
    """Why there can be no classroom here, or None."""
    if os.geteuid():
        return "it needs root, to make users: sudo -E make hub"
    for tool in TOOLS:
        if not shutil.which(tool):
            return f"{tool} is not installed"
    for path in (HUB, PROXY):
        if not path.exists():
            return f"{path.relative_to(CHECKOUT)} is missing: make hub installs it"
    nobody = ["runuser", "-u", "nobody", "--", sys.executable, "-c", "import gluon_seq2seq"]
    if subprocess.run(nobody, cwd="/", capture_output=True, check=False).returncode:
        return f"no other user can run {sys.executable}: set up where all may read, with a Python \
that all may run (PYTHON=/usr/bin/python3)"
    return None


def enter(module):
    """Go on in a room as ``python -m module``, with this one's arguments; returns there alone.

    Outside, the process ends as the one in the room.
    """
    if INSIDE in os.environ:
        return
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--net", "--fork"]
    command += ["--kill-child", "--mount-proc", "sh", "-euc", ROOM, "sh"]
    command += [sys.executable, "-m", module, *sys.argv[1:]]
    process = subprocess.Popen(command, cwd=CHECKOUT, env={**os.environ, INSIDE: "1"})
    try:
        sys.exit(process.wait())
    finally:
        process.kill()


class Student:
    """A user of the system with a password, as a browser that logs in at the hub."""

    def __init__(self, name):
        self.name, self.password = name, secrets.token_hex(8)
        self.home = Path("/run/home") / name
        command = ["useradd", "--create-home", "--base-dir", "/run/home", "--groups", "students"]
        subprocess.run([*command, "--shell", "/bin/sh", name], check=True)
        line = f"{name}:{self.password}".encode()
        subprocess.run(["chpasswd"], input=line, check=True)
        self.http = requests.Session()
        self.hub = JupyterServer(f"{URL}/hub", self.http)
        self.server = JupyterServer(f"{URL}/user/{name}", self.http)

    @property
    def uid(self):
        return self.home.stat().st_uid

    def log_in(self, password=None, wanted=(302,)):
        """Fill in the form; :class:`Refused` unless the hub answers as ``wanted``."""
        self.hub.ask("GET", "login")
        fields = {"username": self.name, "password": password or self.password}
        fields["_xsrf"] = self.hub._xsrf()
        self.hub.ask("POST", "login", wanted=wanted, data=fields, allow_redirects=False)

    def start_server(self):
        """Open what the hub opens after the log-in, and wait for the server."""
        self.hub.ask("GET", "spawn")
        ready = f"api/users/{self.name}"
        deadline = time.monotonic() + 180
        while not self.hub.ask("GET", ready).json()["servers"].get("", {}).get("ready"):
            assert time.monotonic() < deadline, f"the server of {self.name} does not start"
            time.sleep(0.5)
        self.server.ask("GET", "lab")  # by way of the hub, which lets the student in

    def stop_server(self):
        self.hub.ask("DELETE", f"api/users/{self.name}/server")
        deadline = time.monotonic() + 60
        while self.hub.ask("GET", f"api/users/{self.name}").json()["servers"]:
            assert time.monotonic() < deadline, f"the server of {self.name} does not end"
            time.sleep(0.2)


class Classroom:
    """The hub and its ``students``, ``prefix``-1 to ``count``; in a room (:func:`enter`) alone."""

    def __init__(self, count, prefix="gs-hub"):
        self.names = [f"{prefix}-{i + 1}" for i in range(count)]

    def __enter__(self):
        if INSIDE not in os.environ:
            raise RuntimeError("outside of a room users of the system would be made")
        subprocess.run(["groupadd", "--force", "students"], check=True)
        self.students = [Student(name) for name in self.names]
        folder, log = Path("/run/hub"), Path("/run/hub/log")
        path = f"{PROXY.parent}:{os.environ['PATH']}"
        with log.open("w") as stream:
            self.process = subprocess.Popen(
                [HUB, "-f", CONFIG, f"--JupyterHub.bind_url={URL}"],
                cwd=folder,
                env={**os.environ, "PATH": path, "VENV": sys.prefix},
                stdout=stream,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 120
        while True:
            with suppress(requests.ConnectionError, Refused):
                JupyterServer(f"{URL}/hub", requests.Session()).ask("GET", "api")
                return self
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise SystemExit(f"the hub does not start:\n{log.read_text()}")
            time.sleep(0.3)

    def __exit__(self, kind, *error):
        if kind:
            print(Path("/run/hub/log").read_text()[-6000:], file=sys.stderr)
        self.process.terminate()
        self.process.wait(60)
