"""Photos of a form: read, cleaned, kept; what cannot be read is told to the sender."""

import math
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile

from api.attachments import keep_photo
from api.dependencies import Services
from registry import casefile
from registry.attachments import (
    MOST_BYTES,
    NotAPhotoError,
    PhotoTooLargeError,
)

MOST_PHOTOS = 9


class BadPhotoError(Exception):
    """A photo cannot be taken; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where the sender was, as his device says."""

    lon: float
    lat: float


def text_of(form: FormData, name: str, most: int = 2000) -> str:
    """A text field, without the space around it; empty for none."""
    value = form.get(name)
    return value.strip()[:most].replace("\x00", "") if isinstance(value, str) else ""


def fields_of(form: FormData) -> dict[str, str]:
    """All text fields."""
    return {name: text_of(form, name) for name in form}


def spot_of(form: FormData) -> Spot | None:
    """The device's position, when the form has a possible one."""
    try:
        lon, lat = float(text_of(form, "lon")), float(text_of(form, "lat"))
    except ValueError:
        return None
    possible = math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90  # noqa: PLR2004
    return Spot(lon=lon, lat=lat) if possible else None


async def keep_photos(
    form: FormData, services: Services, principal: str, spot: Spot | None
) -> tuple[str, ...]:
    """Keep a form's photos; their ids.

    Raises:
        BadPhotoError: One cannot be read, is too large, or there are too many.
    """
    files = [
        one for one in form.getlist("photos") if isinstance(one, UploadFile) and one.filename
    ]
    if len(files) > MOST_PHOTOS:
        raise BadPhotoError(f"{len(files)} > {MOST_PHOTOS}")
    ids = []
    for file in files:
        try:
            kept = await keep_photo(
                services,
                await file.read(MOST_BYTES + 1),
                principal=principal,
                lon=spot.lon if spot else None,
                lat=spot.lat if spot else None,
            )
        except (PhotoTooLargeError, NotAPhotoError) as error:
            raise BadPhotoError(f"{file.filename}: {error}") from error
        ids.append(str(kept.attachment_id))
    return tuple(ids)


async def photos_once(
    form: FormData, services: Services, principal: str, key: str
) -> tuple[str, ...]:
    """The photos of a form; of one that is sent again, those of the first time.

    Raises:
        BadPhotoError: One cannot be read, is too large, or there are too many.
    """
    async with services.sessions.begin() as session:
        first = await casefile.photos_of_command(session, principal, key) if key else None
    if first is not None:
        return first
    return await keep_photos(form, services, principal, spot_of(form))
