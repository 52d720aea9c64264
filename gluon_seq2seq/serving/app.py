"""The ASGI application: its routes, and how a request waits for the queue."""

import asyncio
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Type

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ..errors import ModelError, Seq2SeqError, TooLong, UsageError
from ..text.tokenizer import EOS
from .answers import answer, described_model, refusal, translated, tree, unknown_words
from .asked import NEAR, Asked, Limits, Refused, Search, Translate, read
from .batching import Full, Task, Worker
from .openapi import as_html, document

STATIC = Path(__file__).parent / "static"
BODY_SECONDS = 10.0  # in which a request has to arrive
GONE = 499  # nginx's status for an asker who has hung up, for the log


def application(worker: Worker, limits: Limits, lang: str) -> Starlette:
    """The page and the API over the models of ``worker``, in ``lang`` at first."""
    described = document(limits)
    index = (STATIC / "index.html").read_text("utf-8")
    index = index.replace('<html lang="en"', f'<html lang="{lang}"')
    pages = {"/": HTMLResponse(index), "/api": HTMLResponse(as_html(described))}

    async def page(request: Request) -> Response:
        return pages[request.url.path]

    async def openapi(_: Request) -> Response:
        return answer(described)

    async def models(_: Request) -> Response:
        listed = [described_model(name, one) for name, one in worker.models.items()]
        return answer({"models": listed, "limits": limits._asdict()})

    async def health(_: Request) -> Response:
        status = "ok" if worker.alive else "stuck"
        fields = {"status": status, "models": len(worker.models), "waiting": worker.waiting}
        return answer(fields, 200 if worker.alive else 503)

    async def translate(request: Request) -> Response:
        asked = await _asked(request, Translate, worker, limits)
        translator, search = worker.models[asked.model], asked.search
        if search.attention and not translator.model.attends:
            raise Refused(400, f"{asked.model} has no attention: leave out attention")
        task = Task(asked.model, search.beam_size, search.alpha, search.attention)
        found = await _found(request, worker, limits, asked, task)
        near, results = NEAR, []
        for text, one in zip(asked.sentences, found):
            if isinstance(one, Seq2SeqError):
                results.append({"error": str(one)})
                continue
            tokens = translator.tokens(text)
            unknown = unknown_words(translator, tokens, near)
            near = max(0, near - len(unknown))
            results.append(translated(one, tokens, unknown))
        return answer({"model": asked.model, **_told(search), "results": results})

    async def beam(request: Request) -> Response:
        asked = await _asked(request, Search, worker, limits)
        task = Task(asked.model, asked.search.beam_size, asked.search.alpha, tree=True)
        (one,) = await _found(request, worker, limits, asked, task)
        if isinstance(one, Seq2SeqError):
            raise Refused(400, str(one))
        steps = tree(one, worker.models[asked.model])
        return answer({"model": asked.model, **_told(asked.search), "steps": steps})

    routes = [
        Route("/", page),
        Route("/api", page),
        Route("/api/models", models),
        Route("/api/translate", translate, methods=["POST"]),
        Route("/api/beam", beam, methods=["POST"]),
        Route("/health", health),
        Route("/openapi.json", openapi),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    handlers = {HTTPException: _other, Refused: _refused, Exception: _failed}
    return Starlette(routes=routes, exception_handlers=handlers)


def paths(app: Starlette) -> List[str]:
    """The paths of an :func:`application` that the log may name."""
    routes = [one.path for one in app.routes if isinstance(one, Route)]
    return [*routes, *(f"/static/{path.name}" for path in STATIC.iterdir())]


def _told(search: Search) -> Dict[str, Any]:
    return {"beam_size": search.beam_size, "alpha": search.alpha}


async def _other(_: Request, error: Exception) -> Response:
    """What Starlette refuses: an unknown path, a wrong method."""
    assert isinstance(error, HTTPException)
    told = {404: "nothing is here: see /api", 405: "not by this method: see /api"}
    return refusal(Refused(error.status_code, told.get(error.status_code, error.detail)))


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return refusal(error)


async def _failed(*_: Any) -> Response:
    """For a fault of ours; the guard logs what it is."""
    return refusal(Refused(500, "that went wrong here: the server's log says what"))


async def _asked(request: Request, kind: Type[Search], worker: Worker, limits: Limits) -> Asked:
    """The request in the body, which is read no further than it may be long."""
    kind_of_body = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind_of_body != "application/json":
        raise Refused(415, "the body is not said to be JSON: use Content-Type: application/json")
    try:
        body = await asyncio.wait_for(_body(request, limits.body), BODY_SECONDS)
    except asyncio.TimeoutError:
        raise Refused(408, f"the body did not come within {BODY_SECONDS:g} seconds") from None
    except ClientDisconnect:
        raise Refused(GONE, "hung up") from None
    asked = read(body, kind, worker.models, limits)
    request.scope["sentences"] = len(asked.sentences)
    return asked


async def _body(request: Request, most: int) -> bytes:
    parts, length = [], 0
    async for part in request.stream():
        length += len(part)
        if length > most:
            raise Refused(413, f"the body has more than {most:,} bytes: ask in several requests")
        parts.append(part)
    return b"".join(parts)


async def _found(
    request: Request, worker: Worker, limits: Limits, asked: Asked, task: Task
) -> List[Any]:
    """What the queue gives for each sentence, or the error of a sentence.

    Raises :class:`Refused` where it is full or too late; who has hung up is not waited for.
    """
    translator = worker.models[asked.model]
    answers: List[Any] = [_too_long(translator, text, limits) for text in asked.sentences]
    places = [i for i, one in enumerate(answers) if isinstance(one, int)]
    texts = [asked.sentences[i] for i in places]
    costs = [task.beam_size * answers[i] for i in places]
    n_best = getattr(asked.search, "n_best", 1)
    try:
        futures = worker.submit(task, texts, costs, n_best)
    except Full:
        raise Refused(503, "too many sentences are waiting: ask again in a moment") from None
    work = asyncio.ensure_future(_outcomes(futures))
    try:
        outcomes = await _unless_gone(request, work, limits.seconds)
    finally:
        for future in futures:  # their places are free before the answer is out
            future.cancel()
    for i, one in zip(places, outcomes):
        if isinstance(one, Seq2SeqError) and not isinstance(one, (ModelError, UsageError, TooLong)):
            raise Refused(503, str(one))  # the machine's trouble
        if isinstance(one, BaseException) and not isinstance(one, Seq2SeqError):
            raise one
        answers[i] = one
    return answers


def _too_long(translator: Any, text: str, limits: Limits) -> Any:
    """How many tokens a model reads of ``text``, ``<eos>`` counted, or a :class:`TooLong`."""
    if len(text) > limits.characters:  # before they are normalised
        return TooLong(f"{len(text):,} characters, at most {limits.characters:,}: cut it up")
    tokens = len(translator.tokens(text)) + len([EOS])
    if tokens > limits.tokens:
        return TooLong(f"{tokens:,} tokens, at most {limits.tokens}: cut it up")
    return tokens


async def _unless_gone(request: Request, work: "asyncio.Future[Any]", seconds: float) -> Any:
    """The result of ``work``, which is cancelled when the asker hangs up, or after ``seconds``."""
    gone = asyncio.ensure_future(_gone(request.receive))
    try:
        await asyncio.wait({work, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        raise (
            Refused(GONE, "hung up")
            if gone.done()
            else Refused(503, f"no answer within {seconds:g} seconds: ask for less, or later")
        )
    finally:
        gone.cancel()
        work.cancel()


async def _outcomes(futures: List[Any]) -> List[Any]:
    return await asyncio.gather(*map(asyncio.wrap_future, futures), return_exceptions=True)


async def _gone(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
