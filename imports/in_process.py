"""The desk in this process: the intake, checks and waiting of the API, without HTTP."""

import asyncio
import io
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from PIL import Image
from sqlalchemy.exc import SQLAlchemyError
from uuid_utils.compat import uuid7

from api.acting import Acting
from api.asks import (
    Ask,
    InvalidFieldError,
    NewReport,
    Outcome,
    OutsideDistrictError,
    SourceNotAllowedError,
    Status,
    VersionNeededError,
)
from api.wishes import CITIZEN
from domain.people import REPORTER, Actor
from imports.desk import LOOK_EVERY, PATIENCE, Answered, Asked, DeskError, Filed, Filing, Said
from registry import attachments
from registry.attachments import FileStore, Photo, Upload
from registry.cases import CaseNotFoundError, now
from registry.commands import KeyReusedError
from registry.intake import Contact

REFUSED_AT_THE_DOOR = (
    CaseNotFoundError,
    InvalidFieldError,
    KeyReusedError,
    OutsideDistrictError,
    SourceNotAllowedError,
    VersionNeededError,
)


def grey_picture() -> bytes:
    """The photo of a simulated person: a small grey JPEG, like no photo of any place."""
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (128, 128, 128)).save(out, format="JPEG")
    return out.getvalue()


@dataclass(kw_only=True)
class ActingDesk:
    """Hands in and asks through `Acting`.

    Attributes:
        acting: The intake that API and pages use.
        files: Where photos are kept.
    """

    acting: Acting
    files: FileStore
    _photo: Photo = field(default_factory=lambda: attachments.clean(grey_picture()))

    async def report(self, filing: Filing) -> Filed:
        """Hand a report in."""
        try:
            done = await self.acting.report(
                NewReport(
                    actor=await self._actor(filing.login),
                    principal=filing.login,
                    idempotency_key=filing.key,
                    words=filing.words,
                    address=filing.address,
                    point=filing.point,
                    contact=Contact(name=filing.contact_name, phone=filing.contact_phone),
                    source=filing.source,
                    subclass=filing.subclass,
                    condition=filing.condition,
                    grid=filing.grid,
                    upstream={"system": filing.system, "id": filing.upstream_id},
                )
            )
        except (*REFUSED_AT_THE_DOOR, SQLAlchemyError, OSError) as error:
            raise DeskError(str(error)) from error
        return Filed(case_no=done.case_no)

    async def act(self, asked: Asked) -> Answered:
        """Ask for a step."""
        doing = asked.doing
        try:
            actor = await self._actor(doing.login) if doing.login else REPORTER
            principal = doing.login or CITIZEN
            steps = doing.steps
            if doing.photo:
                photo = str(await self._keep_photo(principal, asked.point))
                steps = (*steps[:-1], replace(steps[-1], photos=(photo,)))
            outcome = await self.acting.act(
                Ask(
                    case_no=asked.case_no,
                    actor=actor,
                    principal=principal,
                    idempotency_key=asked.key,
                    steps=steps,
                    seen=asked.seen,
                )
            )
            outcome = await self._patiently(outcome)
        except (*REFUSED_AT_THE_DOOR, SQLAlchemyError, OSError) as error:
            raise DeskError(str(error)) from error
        why = outcome.refusal.text() if outcome.refusal else ""
        return Answered(said=Said(outcome.status.value), why=why)

    async def _patiently(self, outcome: Outcome) -> Outcome:
        """Wait longer than a person would, so that a busy worker slows the simulation down."""
        until = time.monotonic() + PATIENCE
        while outcome.status is Status.WAITING and time.monotonic() < until:
            await asyncio.sleep(LOOK_EVERY)
            if outcome.command_id is not None:
                outcome = await self.acting.look(outcome.command_id) or outcome
        return outcome

    async def _actor(self, login: str) -> Actor:
        async with self.acting.sessions() as session:
            book = await self.acting.keeper.book(session, await now(session))
        actor = book.people.get(login)
        if actor is None:
            raise DeskError(
                f"there is no account {login}: is the demonstration district there?"
            )
        return actor

    async def _keep_photo(self, principal: str, point: tuple[float, float] | None) -> UUID:
        photo_id = uuid7()
        await self.files.put(photo_id, self._photo.content)
        lon, lat = point or (None, None)
        upload = Upload(
            attachment_id=photo_id,
            principal=principal,
            photo=self._photo,
            lon=lon,
            lat=lat,
            taken_at=datetime.now(UTC),
        )
        async with self.acting.sessions.begin() as session:
            await attachments.keep(session, upload)
        return photo_id
