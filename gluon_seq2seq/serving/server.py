"""The process: a port, a password, signals, uvicorn."""

import asyncio
import contextlib
import secrets
import signal
import socket
import threading
import webbrowser
from typing import Any, Callable, Iterator, Optional, Sequence

from ..errors import SystemProblem, UsageError
from ..training.checkpoint import SHIPPED
from ..training.signals import Interrupted, handled_by

try:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    from .app import application, paths
    from .guard import Guard
except ImportError as error:
    raise SystemProblem(
        f"{error.name} is not installed: pip install 'gluon-seq2seq[serve]'"
    ) from None

from .asked import Limits
from .batching import Worker

LIMITS = Limits()
LANGUAGES = "en", "zh"  # of the page
SHORTEST = 8  # characters of a password
CONNECTIONS = 512  # at a time
SILENT = 10.0  # seconds in which a connection has to ask for something
LAST_WORDS = 10  # seconds in which requests under way end
ENDED = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated", signal.SIGHUP: "hung up"}


class Patient(H11Protocol):
    """Closes a connection that has not asked for anything in time, which uvicorn would keep."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.loop.call_later(SILENT, self._close_if_silent)

    def _close_if_silent(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()


class Server(uvicorn.Server):
    """uvicorn's server on ``listening``, a socket; ``ready()`` is called when it answers. A signal
    ends it after the requests under way, a second one at once; ``signal`` is the first."""

    def __init__(
        self, config: uvicorn.Config, listening: socket.socket, ready: Callable[[], Any]
    ) -> None:
        super().__init__(config)
        self.listening, self.ready = listening, ready
        self.signal: Optional[int] = None

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets=sockets)
        self.ready()

    async def shutdown(self, sockets: Any = None) -> None:
        ending = asyncio.ensure_future(super().shutdown(sockets))
        while not ending.done():
            if self.force_exit:  # from Python 3.12 on asyncio waits for them, and uvicorn for that
                for connection in list(self.server_state.connections):
                    connection.transport.abort()
            await asyncio.wait([ending], timeout=0.1)
        await ending

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        with handled_by(self._asked):
            yield

    def _asked(self, number: int, _: Any) -> None:
        self.force_exit = self.signal is not None
        self.signal, self.should_exit = self.signal or number, True


def serve(
    models: Sequence[str] = SHIPPED,
    host: str = "127.0.0.1",
    port: int = 8866,
    lang: str = "en",
    browser: bool = True,
    password: Optional[str] = None,
    allowed_hosts: Sequence[str] = (),
    limits: Limits = LIMITS,
    say: Callable[[str], Any] = print,
) -> None:
    """Serve ``models``, folders of them, until a signal ends it.

    - ``host``, ``port``: where; other machines reach ``"0.0.0.0"``, and need a password;
    - ``lang``: the language that the page begins in, ``"en"`` or ``"zh"``;
    - ``browser``: whether to open the page;
    - ``password``: who asks has to know it; where others can ask one is drawn unless given;
    - ``allowed_hosts``: names of a proxy in front of it;
    - ``limits``: what a request may cost;
    - ``say(line)``: prints the address, and a line for each request.

    Raises :class:`UsageError` for a password of fewer than eight characters, another ``lang``, a
    number that is no port, or where there are no ``models``, :class:`SystemProblem` where it cannot
    serve, as when the port is taken, :class:`ModelError` for a model that cannot be read, and at
    the end an :class:`Interrupted` with the signal's exit code.
    """
    if not models:
        raise UsageError("models is empty: give one folder or more")
    if lang not in LANGUAGES:
        raise UsageError(f"lang is {lang!r}: use {' or '.join(LANGUAGES)}")
    if password is not None and len(password) < SHORTEST:
        raise UsageError(f"password is too short: use {SHORTEST} characters or more")
    local = host in ("127.0.0.1", "localhost", "::1")
    drawn = password is None and not local
    password = secrets.token_urlsafe(12) if drawn else password
    with listen(host, port) as listening:
        port = listening.getsockname()[1]
        worker = Worker(models, limits.waiting)
        try:
            worker.start()
            anyone = not local and not allowed_hosts
            inner = application(worker, limits, lang)
            app = Guard(inner, anyone, allowed_hosts, password, paths(inner), say)
            address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"

            def ready() -> None:
                say(f"{address}  (Ctrl-C ends it)")
                if drawn:
                    say(f"password: {password}  (any name)")
                if browser:
                    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

            server = Server(configured(app), listening, ready)
            server.run(sockets=[listening])
        finally:
            worker.close()
    if server.signal is not None:
        word = ENDED[signal.Signals(server.signal)]
        fate = "dropped" if server.force_exit else "answered"
        raise Interrupted(f"{word}; requests under way were {fate}", server.signal)


def configured(app: Any) -> uvicorn.Config:
    """How uvicorn serves ``app``."""
    return uvicorn.Config(
        app,
        http=Patient,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="critical",  # its lines name what was asked for
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=LAST_WORDS,
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket on ``host`` and ``port``, 0 for any that is free; raises :class:`UsageError` for a
    number that is no port, and :class:`SystemProblem` where there can be no such socket."""
    if not 0 <= port <= 65535:
        raise UsageError(f"port is {port}: use 0 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        host.encode("idna")  # or create_server leaves a socket open when it fails
        return socket.create_server((host, port), family=family, backlog=CONNECTIONS)
    except (OSError, UnicodeError) as error:
        reason = str(getattr(error, "strerror", "no name of a host")).partition(" (while")[0]
        raise SystemProblem(
            f"cannot serve on {host}, port {port}: {reason}: choose another port=... or host=..."
        ) from None
