"""What the web part answers when it cannot do what was asked: the thing, the fact and the way out, as JSON."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.core.errors import ConfigError, TransientError


class Problem(BaseModel):
    """Every answer that is not a success."""

    error: str
    where: str
    todo: str


class ProblemError(Exception):
    """Answer this problem. Raised by a route, turned into the answer in one place."""

    def __init__(
        self, status: int, error: str, *, where: str, todo: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.status = status
        self.problem = Problem(error=error, where=where, todo=todo)
        self.headers = headers


def problem_response(
    status: int, error: str, *, where: str, todo: str, headers: Mapping[str, str] | None = None
) -> Response:
    return JSONResponse(Problem(error=error, where=where, todo=todo).model_dump(), status, headers=headers)


def answer_problems(app: FastAPI) -> None:
    """Give every error of `app` the one shape."""
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(TransientError, _database)
    app.add_exception_handler(ConfigError, _database)
    app.add_exception_handler(Exception, _defect)


def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)  # noqa: S101  registered for nothing else
    return JSONResponse(error.problem.model_dump(), error.status, headers=error.headers)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for nothing else
    todo = "See /docs for the addresses that there are."
    if error.status_code == 405 and error.headers:
        todo = f"Use {error.headers.get('Allow', 'another method')}."
    return problem_response(
        error.status_code, str(error.detail), where=request.url.path, todo=todo, headers=error.headers
    )


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for nothing else
    wrong = ", ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return problem_response(422, wrong, where=request.url.path, todo="See /docs for what this address takes.")


def _database(request: Request, error: Exception) -> Response:
    return problem_response(
        503, str(error), where=request.url.path, todo="Try again in a few seconds.", headers={"Retry-After": "5"}
    )


def _defect(request: Request, error: Exception) -> Response:
    return problem_response(
        500,
        f"The hub itself failed ({type(error).__name__}).",
        where=request.url.path,
        todo="The traceback is in the hub's log; please report it.",
    )
