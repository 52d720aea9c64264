"""Who is let in: the names that the server goes by, pages of other sites, passwords; and the log.

A browser sends what any page tells it to, with the visitor's password. So a request has to name
this server (``Host``), or another site could point its own name at it (DNS rebinding), and may come
from no page of another site (``Origin``).
"""

import asyncio
import base64
import binascii
import hmac
import re
import time
from typing import Any, Awaitable, Callable, Collection, Dict, Optional, Sequence

from .answers import refusal
from .asked import Refused

LOCAL = "127.0.0.1", "localhost", "[::1]"
OPEN_PATHS = ("/health",)  # without a password
WRONG = 0.3  # seconds between two wrong passwords, all visitors together
METHODS = "GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"
HEADERS = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; "
    b"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'self'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-cache",
}
App = Callable[[Any, Any, Any], Awaitable[None]]


class Guard:
    """An ASGI application around ``app``.

    ``anyone``: whether requests may ask for any host, else for this machine or one of ``hosts``,
    whose pages may ask, too; ``password``: None where there is none; ``paths``: those that the log
    names; ``say(line)`` writes it, a line for each request, without what is translated.
    """

    def __init__(
        self,
        app: App,
        anyone: bool,
        hosts: Sequence[str],
        password: Optional[str],
        paths: Collection[str],
        say: Callable[[str], Any],
    ) -> None:
        self.app, self.password, self.paths, self.say = app, password, paths, say
        self.anyone, self.hosts = anyone, [name_of(name) for name in hosts]
        self._turn: Optional[asyncio.Lock] = None

    async def __call__(self, scope: Dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":  # the application has no other
            return
        began, status = time.monotonic(), 0
        scope["sentences"] = 0

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(item for item in HEADERS.items() if item[0] not in own),
                ]
            await send(message)

        trouble = ""
        try:
            await self._admit(scope)
            await self.app(scope, receive, sending)
        except Refused as error:
            await refusal(error)(scope, receive, sending)
        except Exception as error:  # a fault of ours, which has been answered
            trouble = f"  {type(error).__name__}: {' '.join(str(error).split())[:200]}"
        finally:
            self._log(scope, status, time.monotonic() - began, trouble)

    def _log(self, scope: Dict[str, Any], status: int, seconds: float, trouble: str) -> None:
        client = str((scope.get("client") or ["-"])[0])
        client = client if re.fullmatch(r"[0-9a-fA-F.:]+", client) else "-"  # a proxy's word
        method = scope["method"] if scope["method"] in METHODS else "-"
        path = scope["path"] if scope["path"] in self.paths else "-"
        told = f"{time.strftime('%Y-%m-%d %H:%M:%S')}  {client}  {method} {path}  {status or '-'}"
        told += f"  {1000 * seconds:.0f} ms"
        if scope["sentences"]:
            told += f"  sentences: {scope['sentences']}"
        self.say(told + trouble)

    async def _admit(self, scope: Dict[str, Any]) -> None:
        """Raise :class:`Refused` for who may not come in."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host, origin = headers.get(b"host", ""), headers.get(b"origin")
        if not self.anyone and name_of(host) not in (*LOCAL, *self.hosts):
            raise Refused(403, "this server goes by another name: start it with allowed_host=...")
        site = (origin or "").partition("://")[2]
        if origin is not None and site != host and name_of(site) not in self.hosts:
            raise Refused(403, "pages of other sites may not ask this server")
        if self.password is None or scope["path"] in OPEN_PATHS:
            return
        given = given_password(headers.get(b"authorization", ""))
        if given is None:
            raise Refused(401, "needs the password")
        if not hmac.compare_digest(given, self.password.encode("utf-8")):
            self._turn = self._turn or asyncio.Lock()  # Python 3.8 binds it to the present loop
            async with self._turn:
                await asyncio.sleep(WRONG)
            raise Refused(401, "that is not the password")


def name_of(host: str) -> str:
    """The name in ``host``, without its port: ``localhost`` of ``localhost:8866``."""
    return re.sub(r":[0-9]*$", "", host.strip().lower())


def given_password(authorization: str) -> Optional[bytes]:
    """The password of an ``Authorization`` header: ``Bearer PASSWORD``, or ``Basic``, whose name
    may be any; None where there is none."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "bearer":
        return value.strip().encode("latin-1")
    if kind.lower() == "basic":
        try:
            return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return None
    return None
