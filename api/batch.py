"""One request for many cases and tasks; each is judged and answered by itself."""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from api.answers import Answer, RefusalAnswer
from api.dependencies import Given, Signed
from api.headers import IdempotencyKey, problems
from api.problems import language_of, problem_of
from api.schemas import Seen, StepFields, Steps
from api.together import MOST_CASES, Batch, Ended, One, Result, act_on_all, counts
from api.values import Body, Code
from domain.command import Step
from domain.joint import NUMBER
from domain.moves import needs_of
from domain.terms import Action, State

router = APIRouter(tags=["commands"], responses=problems(409))


def takes(action: Action) -> frozenset[str]:
    """The fields that an action takes."""
    return frozenset(name.rstrip("?") for name in needs_of(action))


class BatchItem(Body):
    """One case of a batch, or one department's task of a joint case."""

    case_no: Annotated[str, StringConstraints(pattern=f"^{NUMBER}$")]
    seen: Seen | None = Field(default=None, description="Version of it that you saw")
    own: StepFields | None = Field(
        default=None, description="Goes before the common value in each step that takes it"
    )


class BatchBody(Body):
    """The same steps for many cases and tasks."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "steps": [{"action": "dispatch", "unit": "sanitation"}],
                    "items": [
                        {"case_no": "9901062026112200001", "seen": 3},
                        {"case_no": "9901062026112200002", "seen": 5, "own": {"unit": "parks"}},
                    ],
                },
                {
                    "steps": [{"action": "sign"}],
                    "items": [
                        {"case_no": "9901062026112200003", "seen": 4},
                        {"case_no": "9901062026112200004.t2", "seen": 1},
                    ],
                },
            ]
        }
    )

    steps: Steps
    items: Annotated[tuple[BatchItem, ...], Field(min_length=1, max_length=MOST_CASES)]
    on_behalf_of: Code = Field(
        default="", description="Unit that telephoned, when the centre enters its step"
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for case_no, times in Counter(one.case_no for one in self.items).items():
            if times > 1:
                raise PydanticCustomError(
                    "case_twice", "case {case_no} is in the batch twice", {"case_no": case_no}
                )
        taken = {name for step in self.steps for name in takes(step.action)}
        for one in self.items:
            for name in sorted(given(one).keys() - taken):
                raise PydanticCustomError(
                    "not_taken", "no step of this batch takes {field}", {"field": name}
                )
        return self

    def ones(self) -> list[One]:
        """The cases with the steps of each."""
        return [
            One(case_no=item.case_no, seen=item.seen, steps=_steps(self.steps, given(item)))
            for item in self.items
        ]


def given(item: BatchItem) -> Mapping[str, object]:
    """The fields of a case's own, as they were given."""
    own = item.own
    return {name: getattr(own, name) for name in own.model_fields_set} if own else {}


def _steps(common: Steps, own: Mapping[str, object]) -> tuple[Step, ...]:
    return tuple(
        step.model_copy(
            update={name: value for name, value in own.items() if name in takes(step.action)}
        ).to_step()
        for step in common
    )


class BatchCounts(Answer):
    """How many cases ended how."""

    done: int
    refused: int
    waiting: int
    error: int


class BatchResult(Answer):
    """How one case or task of a batch was answered.

    `unit` has it now; `detail` is a sentence in the caller's language; `location` is where a
    command's verdict can be asked for, once there is one.
    """

    case_no: str
    status: Ended
    state: State | None = None
    version: int | None = None
    unit: str = ""
    command_id: UUID | None = None
    location: str | None = None
    code: str = ""
    detail: str = ""
    refusal: RefusalAnswer | None = None


class BatchAnswer(Answer):
    """The answers, in the order of the batch."""

    counts: BatchCounts
    results: list[BatchResult]


@router.post("/commands/batch", operation_id="createCommands")
async def act_on_many(
    body: BatchBody, key: IdempotencyKey, signed: Signed, services: Given, request: Request
) -> BatchAnswer:
    """Ask the same of many cases and tasks, 200 at most; 200 whatever became of each of them.

    Each is judged by itself: `done`, `refused` with the reason, `waiting` with the address of
    its command, or `error` when there is no such number or it could not be asked. The same key
    with the same body answers the present verdicts and adds nothing.
    """
    results = await act_on_all(
        services.acting,
        Batch(
            actor=signed.actor,
            principal=signed.actor.person,
            key=key,
            ones=body.ones(),
            on_behalf_of=body.on_behalf_of,
        ),
    )
    return BatchAnswer(
        counts=BatchCounts(**{end.value: n for end, n in counts(results).items()}),
        results=[_answer(one, request) for one in results],
    )


def _answer(result: Result, request: Request) -> BatchResult:
    outcome = result.outcome
    if outcome is None:
        problem = problem_of(request, result.error or OSError())
        return BatchResult(
            case_no=result.case_no,
            status=result.ended,
            code=problem.code,
            detail=problem.detail,
        )
    refusal = outcome.refusal
    return BatchResult(
        case_no=result.case_no,
        status=result.ended,
        state=outcome.state,
        version=outcome.version,
        unit=outcome.unit,
        command_id=outcome.command_id,
        location=f"/api/v1/commands/{outcome.command_id}" if outcome.command_id else None,
        code=refusal.why.value if refusal else "",
        detail=refusal.text(language_of(request)) if refusal else "",
        refusal=RefusalAnswer.of(refusal) if refusal else None,
    )
