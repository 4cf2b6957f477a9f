"""Photos: decoded and written anew (which drops EXIF), kept on disk, bound by a command."""

import asyncio
import hashlib
import io
import os
import warnings
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import ColumnElement, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from registry.tables_case import AttachmentRow, CaseRow

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_SAVED = {"JPEG": {"quality": 88}, "PNG": {}, "WEBP": {"quality": 88}}


class PhotoTooLargeError(Exception):
    """More bytes or more pixels than are taken."""


class NotAPhotoError(Exception):
    """What was sent is not a JPEG, PNG or WebP picture that can be read to its end."""

    def __init__(self) -> None:
        super().__init__("not a readable JPEG, PNG or WebP picture")


class FileStore(Protocol):
    """Where files lie; a port, so that an object store can take the place of the disk."""

    async def put(self, key: UUID, content: bytes) -> None:
        """Keep a file durably."""
        ...

    async def get(self, key: UUID) -> bytes:
        """Read a file; FileNotFoundError when there is none."""
        ...


@dataclass(frozen=True)
class DiskStore:
    """Files in a folder, spread over sub-folders; a file is whole or not there."""

    folder: Path

    def _path(self, key: UUID) -> Path:
        return self.folder / key.hex[-2:] / key.hex

    async def put(self, key: UUID, content: bytes) -> None:
        """Write beside it, sync, rename."""
        await asyncio.to_thread(self._put, self._path(key), content)

    @staticmethod
    def _put(path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    async def get(self, key: UUID) -> bytes:
        """Read it."""
        return await asyncio.to_thread(self._path(key).read_bytes)


@dataclass(frozen=True, kw_only=True)
class Photo:
    """A picture as it is kept: no metadata, its right side up."""

    content: bytes
    media_type: str


def clean(content: bytes) -> Photo:
    """Decode a picture completely and write it anew; slow, run it in a thread.

    Raises:
        PhotoTooLargeError: Over `MOST_BYTES` or `MOST_PIXELS`.
        NotAPhotoError: Not a picture of a known kind, or damaged.
    """
    if len(content) > MOST_BYTES:
        raise PhotoTooLargeError(f"a photo has at most {MOST_BYTES // 2**20} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return _clean(content)
    except Image.DecompressionBombError as error:
        raise PhotoTooLargeError(_too_many()) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise NotAPhotoError from error


def _too_many() -> str:
    return f"a photo has at most {MOST_PIXELS // 1_000_000} million pixels"


def _clean(content: bytes) -> Photo:
    with Image.open(io.BytesIO(content), formats=tuple(MEDIA_TYPES)) as picture:
        kind = str(picture.format)
        if picture.width * picture.height > MOST_PIXELS:
            raise PhotoTooLargeError(_too_many())
        upright = ImageOps.exif_transpose(picture)
        wanted = "RGB" if kind == "JPEG" or "A" not in upright.getbands() else "RGBA"
        fresh = Image.new(wanted, upright.size)
        fresh.paste(upright.convert(wanted))
        out = io.BytesIO()
        fresh.save(out, format=kind, **_SAVED[kind])
        return Photo(content=out.getvalue(), media_type=MEDIA_TYPES[kind])


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A photo to be kept, with what its sender says of place and time."""

    attachment_id: UUID
    principal: str
    photo: Photo
    lon: float | None = None
    lat: float | None = None
    taken_at: datetime | None = None


async def keep(session: AsyncSession, upload: Upload) -> None:
    """Record a photo whose file is on disk already."""
    await session.execute(
        insert(AttachmentRow).values(
            attachment_id=upload.attachment_id,
            principal=upload.principal,
            media_type=upload.photo.media_type,
            size=len(upload.photo.content),
            sha256=hashlib.sha256(upload.photo.content).digest(),
            lon=upload.lon,
            lat=upload.lat,
            taken_at=upload.taken_at,
        )
    )


async def find(session: AsyncSession, attachment_id: UUID) -> AttachmentRow | None:
    """One photo's record."""
    return await session.get(AttachmentRow, attachment_id)


async def named(session: AsyncSession, ids: Iterable[UUID]) -> Sequence[AttachmentRow]:
    """The photos of these ids that there are."""
    query = select(AttachmentRow).where(AttachmentRow.attachment_id.in_(list(ids)))
    return (await session.scalars(query)).all()


def bound_to(case_no: str) -> ColumnElement[bool]:
    """Photos of a case and of the departments' tasks of it."""
    tasks = select(CaseRow.case_no).where(CaseRow.parent == case_no, CaseRow.parent != "")
    return or_(AttachmentRow.case_no == case_no, AttachmentRow.case_no.in_(tasks))


async def bound_to_one_of(
    session: AsyncSession, numbers: Collection[str], *, limit: int = 200
) -> Sequence[UUID]:
    """Photos bound to just these cases or tasks, oldest first."""
    query = (
        select(AttachmentRow.attachment_id)
        .where(AttachmentRow.case_no.in_(numbers))
        .order_by(AttachmentRow.uploaded_at, AttachmentRow.attachment_id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def of_case(
    session: AsyncSession, case_no: str, *, limit: int = 200
) -> Sequence[AttachmentRow]:
    """Photos bound to a case or to a task of it, oldest first."""
    query = (
        select(AttachmentRow)
        .where(bound_to(case_no))
        .order_by(AttachmentRow.uploaded_at, AttachmentRow.attachment_id)
        .limit(limit)
    )
    return (await session.scalars(query)).all()
