"""Parameters and headers that several routes share."""

from typing import Annotated

from fastapi import Header, Path, Query, Request, Response

from api.answers import ProblemAnswer
from api.problems import MEDIA_TYPE
from domain.joint import NUMBER

CaseNo = Annotated[
    str,
    Path(
        pattern=f"^{NUMBER}$",
        examples=["9901062026112200001", "9901062026112200001.t2"],
        description="19 digits; of a task of a joint case with `.t` and its number",
    ),
]
ReportNo = Annotated[
    str, Path(pattern=r"^[0-9]{19}$", examples=["9901062026112200001"], description="19 digits")
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,200}$",
        description="Random, the same for each retry of this request",
    ),
]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="ETag that you saw")]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of a page")]


def link_next(request: Request, response: Response, cursor: str) -> None:
    """Say in the `Link` header where a list goes on."""
    url = request.url.include_query_params(cursor=cursor)
    response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'


def problems(*statuses: int) -> dict[int | str, dict[str, object]]:
    """The problems that a route may answer, for the OpenAPI page; some are every route's."""
    shared = (400, 401, 403, 413, 422, 500, 503)
    schema = {"$ref": "#/components/schemas/ProblemAnswer"}
    return {
        status: {
            "model": ProblemAnswer,
            "description": "Problem",
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in sorted({*shared, *statuses})
    }
