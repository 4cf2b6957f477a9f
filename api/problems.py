"""Errors as `application/problem+json` (RFC 9457): the one table from errors to statuses."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from opentelemetry import trace
from sqlalchemy import exc as sql
from starlette.exceptions import HTTPException

from api import wrong_fields
from api.asks import (
    AlreadyReportedError,
    InvalidFieldError,
    Outcome,
    OutsideDistrictError,
    SourceNotAllowedError,
    VersionNeededError,
)
from api.dependencies import BadPayloadError, CrossSiteError, NotSignedInError
from api.limiting import TooManyTriesError
from domain.case_number import CaseNumbersExhaustedError
from domain.why import Why
from registry.accounts import LockedOutError, SignInError
from registry.attachments import NotAPhotoError, PhotoTooLargeError
from registry.batches import BatchKeyReusedError
from registry.book import NoMasterDataError
from registry.cases import CaseNotFoundError
from registry.commands import KeyReusedError
from registry.grids import NoDistrictError
from registry.guests import TooManyLinksError
from registry.thread import (
    MessageNotFoundError,
    NotYourMessageError,
    TakenBackError,
    ThreadClosedError,
    TooLateToChangeError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5
"""Seconds after which a caller may try again what failed because something is down."""
_PASSING_SQLSTATES = ("08", "53", "55", "57")
"""Connection lost, out of resources, lock not to be had, cancelled or shut down."""


class NotFoundError(Exception):
    """There is no such thing, or none that the caller may see."""


class KeyMissingError(Exception):
    """A write without an Idempotency-Key."""

    def __init__(self) -> None:
        super().__init__(
            "send an Idempotency-Key header: the same for each retry of this request"
        )


class NotAllowedError(Exception):
    """The caller's role does not open this route."""


class BadSignatureError(Exception):
    """A call-back is not signed by a system that we know, or not just now."""

    def __init__(self) -> None:
        super().__init__("unknown system, wrong signature, or a time over five minutes off")


class NotYourWorkError(Exception):
    """Only the unit that has the work gives links to it."""

    def __init__(self) -> None:
        super().__init__("only the unit that has the work gives and takes back links to it")


class NoWorkError(Exception):
    """There is nothing to be done by outside hands now."""

    def __init__(self) -> None:
        super().__init__("the work is not with one unit now: there is nothing to give away")


class DrillApartError(Exception):
    """A drill is not given out of the house."""

    def __init__(self) -> None:
        super().__init__("this is a drill: nobody outside is given a link to it")


class ConfidentialWorkError(Exception):
    """What a confidential report says is given to nobody outside."""

    def __init__(self) -> None:
        super().__init__("this class is confidential: nobody outside is given a link to it")


class RefusedError(Exception):
    """An action was refused; the outcome says why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.refusal.text() if outcome.refusal else "refused")
        self.outcome = outcome


_NAMES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
"""Codes of what routing itself refuses."""
TABLE: Mapping[type[Exception], tuple[int, str]] = {
    NotSignedInError: (401, "not_signed_in"),
    SignInError: (401, "wrong_credentials"),
    LockedOutError: (429, "locked_out"),
    TooManyTriesError: (429, "too_many_tries"),
    CrossSiteError: (403, "cross_site"),
    NotAllowedError: (403, "forbidden"),
    SourceNotAllowedError: (403, "source_not_allowed"),
    NotFoundError: (404, "not_found"),
    TooManyLinksError: (409, "too_many_links"),
    NotYourWorkError: (403, "not_your_work"),
    BadSignatureError: (401, "bad_signature"),
    NoWorkError: (409, "no_work"),
    DrillApartError: (409, "drill_apart"),
    ConfidentialWorkError: (409, "confidential"),
    ThreadClosedError: (409, "thread_closed"),
    MessageNotFoundError: (404, "not_found"),
    NotYourMessageError: (403, "not_your_message"),
    TooLateToChangeError: (409, "too_late"),
    TakenBackError: (409, "taken_back"),
    CaseNotFoundError: (404, "case_not_found"),
    KeyMissingError: (400, "idempotency_key_missing"),
    KeyReusedError: (422, "idempotency_key_reused"),
    BatchKeyReusedError: (409, "idempotency_key_reused"),
    VersionNeededError: (428, "version_needed"),
    InvalidFieldError: (422, "invalid"),
    AlreadyReportedError: (409, "already_reported"),
    OutsideDistrictError: (422, "outside_every_grid"),
    BadPayloadError: (422, "bad_payload"),
    NotAPhotoError: (415, "not_a_photo"),
    PhotoTooLargeError: (413, "photo_too_large"),
    CaseNumbersExhaustedError: (503, "numbers_exhausted"),
    NoMasterDataError: (503, "no_master_data"),
    NoDistrictError: (503, "no_master_data"),
    OSError: (503, "registry_unavailable"),
    sql.TimeoutError: (503, "registry_unavailable"),
}
"""The most exact class wins. A refusal has its own row: 403 for a role, 409 for all else."""
_ZH: Mapping[type[Exception], str] = {
    NotSignedInError: "请先登录",
    SignInError: "账号或密码不正确",
    TooManyTriesError: "尝试次数过多，请稍后再试",
    CrossSiteError: "请求不是从本站页面发出的，请刷新页面后重试",
    NotAllowedError: "您的角色不能使用此功能",
    TooManyLinksError: "有效链接过多，请先收回一个",
    NotYourWorkError: "只有承办单位可以发放和收回链接",
    BadSignatureError: "系统未登记、签名不符，或时间相差超过五分钟",
    ThreadClosedError: "案件已终结，协作留言只能查看",
    MessageNotFoundError: "没有这条留言",
    NotYourMessageError: "只有留言人可以修改或撤回",
    TooLateToChangeError: "留言发出超过 5 分钟，不能再修改或撤回，请另发一条",
    TakenBackError: "该留言已撤回",
    NoWorkError: "案件现在不由一个单位处置，无法发放链接",
    DrillApartError: "这是演练，不能向外部人员发放链接",
    ConfidentialWorkError: "此类案件内容保密，不能向外部人员发放链接",
    CaseNotFoundError: "没有这个案件，或您不能查看",
    KeyMissingError: "请加 Idempotency-Key 请求头：同一请求重试时用同一个值",
    KeyReusedError: "此 Idempotency-Key 已用于其他内容，请换一个",
    VersionNeededError: "请说明您看到的案件版本（seen 或 If-Match）",
}
"""Chinese sentences of errors that carry none of their own."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One problem, before it is written."""

    status: int
    code: str
    detail: str
    errors: tuple[dict[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, object] = field(default_factory=dict)


def language_of(request: Request) -> str:
    """`zh` or `en`, whichever Accept-Language prefers; `zh` when it says nothing."""
    best, found = -1.0, "zh"
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, quality = part.strip().lower().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        if tag[:2] in {"zh", "en"} and math.isfinite(weight) and weight > best:
            best, found = weight, tag[:2]
    return found


def answer(request: Request, problem: Problem) -> JSONResponse:
    """A problem as a response."""
    span = trace.get_current_span().get_span_context()
    body = {
        "type": f"urn:gridcase:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.url.path,
        "code": problem.code,
        "errors": list(problem.errors),
        "trace_id": f"{span.trace_id:032x}" if span.is_valid else None,
        **problem.more,
    }
    return JSONResponse(
        body,
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **problem.headers},
    )


def _of_table(error: Exception, language: str = "en") -> Problem:
    status, code = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    headers: dict[str, str] = {}
    errors: tuple[dict[str, str], ...] = ()
    more: dict[str, object] = {}
    detail = sentence(error, language)
    match error:
        case NotSignedInError():
            headers["WWW-Authenticate"] = "Bearer"
        case TooManyTriesError():
            headers["Retry-After"] = str(error.seconds)
        case LockedOutError():
            left = (error.until - datetime.now(UTC)).total_seconds()
            headers["Retry-After"] = str(max(1, math.ceil(left)))
        case InvalidFieldError():
            errors = (_pointed(error.pointer, error.code, str(error)),)
        case AlreadyReportedError():
            more["case_no"] = error.case_no
        case OutsideDistrictError():
            errors = (_pointed("/lon", code, detail), _pointed("/lat", code, detail))
            if error.hint:
                more["nearest_grid"] = error.hint[0]
        case _ if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers["Retry-After"] = str(RETRY_AFTER)
            if isinstance(error, OSError | sql.TimeoutError):
                detail = "the registry cannot be reached; nothing was changed"
        case _:
            pass
    return Problem(
        status=status, code=code, detail=detail, errors=errors, headers=headers, more=more
    )


def sentence(error: Exception, language: str) -> str:
    """What is shown of an error: some say it in Chinese too."""
    if language != "zh":
        return str(error)
    own = next((_ZH[kind] for kind in type(error).__mro__ if kind in _ZH), "")
    return str(getattr(error, "zh", "")) or own or str(error)


def _pointed(pointer: str, code: str, message: str) -> dict[str, str]:
    return {"pointer": pointer, "code": code, "detail": message}


def _pointer(location: Iterable[object]) -> str:
    parts = [str(one).replace("~", "~0").replace("/", "~1") for one in location]
    where = parts[1:] if parts[:1] == ["body"] else parts
    return "/" + "/".join(where) if where else ""


def _invalid(error: RequestValidationError, language: str) -> Problem:
    found = error.errors()
    missing_key = any(
        one["type"] == "missing" and str(one["loc"][-1]).lower() == "idempotency-key"
        for one in found
    )
    if missing_key:
        return _of_table(KeyMissingError(), language)
    errors = tuple(
        _pointed(_pointer(one["loc"]), one["type"], wrong_fields.detail_of(one, language))
        for one in wrong_fields.without_echoes(found)
    )
    detail = wrong_fields.summary(len(errors), language)
    return Problem(status=422, code="invalid", detail=detail, errors=errors)


def _refused(request: Request, error: RefusedError) -> Problem:
    outcome = error.outcome
    refusal = outcome.refusal
    if refusal is None:
        return Problem(status=409, code="refused", detail="refused")
    forbidden = refusal.why is Why.FORBIDDEN
    return Problem(
        status=403 if forbidden else 409,
        code=refusal.why.value,
        detail=refusal.text(language_of(request)),
        errors=(_pointed(f"/steps/{refusal.step}", refusal.why.value, refusal.text("en")),),
        more={
            "state": outcome.state.value,
            "version": outcome.version,
            "command_id": str(outcome.command_id) if outcome.command_id else None,
        },
    )


def _database(error: sql.DBAPIError) -> Problem:
    state = str(getattr(error.orig, "sqlstate", "") or "")
    passing = (
        error.connection_invalidated
        or state.startswith(_PASSING_SQLSTATES)
        or isinstance(error, sql.InterfaceError)
        or (isinstance(error, sql.OperationalError) and not state)
    )
    if passing:
        return _of_table(OSError())
    return _internal()


def _internal() -> Problem:
    return Problem(status=500, code="internal", detail="an error of ours; it has been logged")


def problem_of(request: Request, error: Exception) -> Problem:
    """What an error amounts to; pages use it too, for their own look."""
    match error:
        case RefusedError():
            return _refused(request, error)
        case RequestValidationError():
            return _invalid(error, language_of(request))
        case HTTPException():
            return Problem(
                status=error.status_code,
                code=_NAMES.get(error.status_code, "http_error"),
                detail=str(error.detail),
                headers=error.headers or {},
            )
        case sql.DBAPIError():
            return _database(error)
        case _ if any(kind in TABLE for kind in type(error).__mro__):
            return _of_table(error, language_of(request))
        case _:
            return _internal()


async def _handle(request: Request, error: Exception) -> JSONResponse:
    return answer(request, problem_of(request, error))


def install(app: FastAPI) -> None:
    """Answer every error of the table, of validation and of routing as a problem."""
    kinds: tuple[type[Exception], ...] = (
        RefusedError,
        RequestValidationError,
        HTTPException,
        sql.DBAPIError,
        *TABLE,
        Exception,
    )
    for kind in kinds:
        app.add_exception_handler(kind, _handle)
