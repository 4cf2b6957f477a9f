"""The fields of a report that citizens and staff fill in alike, and what is wrong with them."""

import re
from collections.abc import Mapping

from starlette.datastructures import FormData

from web.choices import class_groups, grid_groups
from web.entered import read_class
from web.fields import BadFieldError
from web.uploads import MOST_PHOTOS, text_of
from web.words import Words

LEAST_WORDS = 4
ENTERED = ("words", "subclass", "address", "grid", "lon", "lat", "name", "phone", "key")


def entered_of(form: FormData, names: tuple[str, ...] = ENTERED) -> dict[str, str]:
    """The fields as they were typed; what is missing is empty."""
    return {name: text_of(form, name) for name in names}


def check(entered: Mapping[str, str], words: Words) -> tuple[dict[str, str], str]:
    """What is wrong with a report, by field, and the class it names."""
    errors, subclass = dict[str, str](), ""
    if len(entered["words"]) < LEAST_WORDS:
        errors["words"] = words.t("need_words")
    try:
        subclass = read_class(entered["subclass"], words)
    except BadFieldError:
        errors["subclass"] = words.t("bad_class")
    if not (entered["grid"] or entered["address"] or entered["lon"]):
        errors["address"] = words.t("need_place")
    phone = re.sub(r"[\s()+-]", "", entered["phone"])
    if phone and not re.fullmatch(r"\d{7,15}", phone):
        errors["phone"] = words.t("bad_phone")
    return errors, subclass


def form_context(
    entered: Mapping[str, str], errors: Mapping[str, str], words: Words, *, public: bool
) -> dict[str, object]:
    """What the fields' template needs."""
    return {
        "entered": entered,
        "errors": errors,
        "classes": class_groups(words, public=public),
        "grids": grid_groups(words),
        "most_photos": MOST_PHOTOS,
    }
