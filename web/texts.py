"""The one catalogue of words on pages, in Chinese and English."""

from collections.abc import Mapping
from types import MappingProxyType

from web import (
    texts_batch,
    texts_emergency,
    texts_entry,
    texts_joint,
    texts_links,
    texts_outside,
    texts_public,
    texts_site,
    texts_staff,
)
from web.language import Language

CATALOGUE: Mapping[str, tuple[str, str]] = MappingProxyType(
    texts_public.TEXTS
    | texts_staff.TEXTS
    | texts_batch.TEXTS
    | texts_entry.TEXTS
    | texts_joint.TEXTS
    | texts_site.TEXTS
    | texts_links.TEXTS
    | texts_emergency.TEXTS
    | texts_outside.TEXTS
)


def text(key: str, language: Language, **values: object) -> str:
    """The words of a key, with values filled in.

    Raises:
        KeyError: There is no such key, or a value is missing.
    """
    zh, en = CATALOGUE[key]
    return (zh if language is Language.ZH else en).format_map(values)
