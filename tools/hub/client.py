"""What JupyterLab in a browser does with a notebook, without the browser."""

import json
import time
import uuid

import requests
import websocket


class Refused(Exception):
    """A server answered with another status than the one that was wanted."""


class JupyterServer:
    """The Jupyter server at ``url``, asked with the cookies or the token of ``http``, a Session."""

    def __init__(self, url, http):
        self.url, self.http = url.rstrip("/"), http

    def ask(self, method, path, wanted=(200, 201, 204), **options):
        """The Response to a request for ``path``; Refused unless its status is ``wanted``."""
        headers = {"X-XSRFToken": self._xsrf(), "Referer": f"{self.url}/lab"}
        response = self.http.request(
            method, f"{self.url}/{path}", headers=headers, timeout=180, **options
        )
        if response.status_code not in wanted:
            where = f"{method} {response.url}: {response.status_code}"
            raise Refused(f"{where}, not {wanted}: {response.text[:300]}")
        return response

    def _xsrf(self):
        """The longest path's cookie of this name that belongs to this server: a hub has others."""
        path = "/" + self.url.split("/", 3)[3] + "/" if self.url.count("/") > 2 else "/"
        found = [c for c in self.http.cookies if c.name == "_xsrf" and path.startswith(c.path)]
        return max(found, key=lambda c: len(c.path)).value if found else ""

    def run(self, path, parameters=(), closing=lambda kernel: None):
        """Open the notebook ``path``, run all its cells, save it; the notebook.

        ``parameters``, a dict, are assigned after its cell that is tagged so. ``closing`` is called
        with the kernel's id before the kernel is shut down. AssertionError names a cell that fails.
        """
        notebook = self.ask("GET", f"api/contents/{path}").json()["content"]
        asked = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        session = self.ask("POST", "api/sessions", json=asked).json()
        kernel = session["kernel"]["id"]
        try:
            with _Kernel(self, kernel) as shell:
                for cell in notebook["cells"]:
                    if cell["cell_type"] != "code":
                        continue
                    source = "".join(cell["source"])
                    cell["outputs"], cell["execution_count"] = shell.execute(source)
                    if "parameters" in cell["metadata"].get("tags", ()):
                        lines = [f"{name} = {value!r}" for name, value in dict(parameters).items()]
                        shell.execute("\n".join(lines))
            self.ask("PUT", f"api/contents/{path}", json={"type": "notebook", "content": notebook})
            closing(kernel)
        finally:
            self.ask("DELETE", f"api/sessions/{session['id']}", wanted=(204, 404))  # 404: it died
        return notebook


class _Kernel:
    """A kernel's channels, as one websocket."""

    def __init__(self, server, kernel):
        self.session = uuid.uuid4().hex
        url = f"ws{server.url[4:]}/api/kernels/{kernel}/channels?session_id={self.session}"
        cookies = requests.Request("GET", f"{server.url}/api/kernels")
        prepared = server.http.prepare_request(cookies)  # with those cookies that belong there
        names = "Cookie", "Authorization"
        headers = {name: prepared.headers[name] for name in names if name in prepared.headers}
        self.socket = websocket.create_connection(
            f"{url}&_xsrf={server._xsrf()}", header=headers, timeout=600
        )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.socket.close()

    def execute(self, source):
        """Run ``source``; its outputs, as a notebook has them, and its execution count."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "session": self.session,
            "username": "",
            "version": "5.3",
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        content = {"code": source, "silent": False, "store_history": True}
        content.update(user_expressions={}, allow_stdin=False, stop_on_error=True)
        whole = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps({**whole, "channel": "shell", "buffers": []}))
        outputs, count, idle = [], None, False
        while count is None or not idle:
            received = self.socket.recv()
            if isinstance(received, bytes):  # with buffers: a widget's state
                continue
            message = json.loads(received)
            if message["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status":
                idle = content["execution_state"] == "idle"
            elif kind == "execute_reply":
                assert content["status"] == "ok", f"{source}\n{content}"
                count = content["execution_count"]
            elif kind in ("stream", "display_data", "execute_result"):
                content.pop("transient", None)
                outputs.append({"output_type": kind, **content})
        return outputs, count
