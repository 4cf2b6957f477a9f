"""What a person may mean by what he typed into the search box."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.case_number import case_number
from domain.labels import Label
from domain.people import Actor
from domain.visibility import REPORTER_READERS
from domain.words import Part, folded, parts_of

LONGEST = 200
"""Characters of a query at most."""
CASE_DIGITS = 19
FEWEST_DIGITS = 5
"""Last digits of a case number from which on it is looked for; fewer mean one of today's."""
_NUMBER = re.compile(r"[0-9][0-9 -]*")
_TASK = re.compile(r"\.t[0-9]{1,3}$")
"""A task of a joint case is found by its case."""
_DESK_NUMBER = re.compile(r"(20\d\d)?[0-9]{4}-?[0-9]{5}")
"""Month, day and number of the day, as boards show it: `1122-00013`; or with its year."""
_PHONE = re.compile(r"\+?[(0-9][0-9 ()-]*")
_PHONE_DIGITS = range(7, 16)
_KEY_LENGTH = range(3, 65)


class Matched(StrEnum):
    """By what a case was found."""

    NUMBER = "number"
    UPSTREAM = "upstream"
    PHONE = "phone"
    PLACE = "place"
    CLASS = "class"
    WORDS = "words"


MATCHED: Mapping[Matched, Label] = {
    Matched.NUMBER: Label("案件编号", "case number"),
    Matched.UPSTREAM: Label("上级工单号", "upstream number"),
    Matched.PHONE: Label("诉求人电话", "reporter's telephone"),
    Matched.PLACE: Label("地点", "place"),
    Matched.CLASS: Label("类别", "class"),
    Matched.WORDS: Label("内容", "words"),
}
NO_PHONE = Label(
    "您的岗位不能按电话查找；请按案件编号、地点或内容查找。",
    "Your role may not search by telephone: search by number, place or words.",
)
NOTHING = Label(
    "没有可查找的内容：请输入编号、电话、地点或诉求中的字词。",
    "There is nothing to search for: type a number, a telephone, a place or words.",
)
UNREADABLE = Label(
    "查找内容应为 1 至 200 个字符，且不含控制字符：请重新输入。",
    "A search has 1 to 200 characters and no control characters: type it again.",
)


@dataclass(frozen=True, kw_only=True)
class Query:
    """A search, read in every way that it can be.

    Attributes:
        parts: Runs of its text; a case found by text has them all.
        number: Last digits of a case number, at most all of them; empty when it cannot be one.
        key: As the number of another system.
        phone: As a telephone number, with its signs; empty when it does not look like one.
    """

    parts: tuple[Part, ...]
    number: str
    key: str
    phone: str


class UnreadableQueryError(ValueError):
    """Nothing can be searched for; `label` says so in both languages."""

    def __init__(self, label: Label) -> None:
        super().__init__(label.en)
        self.label = label


def read_query(text: str, *, county: str, today: date) -> Query:
    """Read a query.

    Args:
        text: As typed.
        county: What case numbers of the district begin with.
        today: The local day, for a number of one to four digits.

    Raises:
        UnreadableQueryError: Too long, with control characters, or without letter or digit.
    """
    plain = unicodedata.normalize("NFKC", text.strip())
    if len(text) > LONGEST or any(unicodedata.category(one) in {"Cc", "Cs"} for one in text):
        raise UnreadableQueryError(UNREADABLE)
    parts = parts_of(text)
    if not parts:
        raise UnreadableQueryError(NOTHING)
    key = upstream_key(text)
    return Query(
        parts=parts,
        number=_number(plain, county, today),
        key=key if len(key) in _KEY_LENGTH and any(one.isdigit() for one in key) else "",
        phone=_phone(plain),
    )


def _number(plain: str, county: str, today: date) -> str:
    bare = _TASK.sub("", plain)
    digits = re.sub(r"[ -]", "", bare) if _NUMBER.fullmatch(bare) else ""
    if not digits or len(digits) > CASE_DIGITS:
        return ""
    if len(digits) >= FEWEST_DIGITS:
        return digits
    return case_number(county, today, int(digits)) if county and int(digits) else ""


def _phone(plain: str) -> str:
    digits = re.sub(r"\D", "", plain)
    if not _PHONE.fullmatch(plain) or len(digits) not in _PHONE_DIGITS:
        return ""
    return "" if _DESK_NUMBER.fullmatch(plain) else plain


def upstream_key(number: str) -> str:
    """The number of another system without case, spaces and signs."""
    return "".join(one for one in folded(number)[0] if one.isalnum())


def upstream_keys(upstream: Mapping[str, object] | None, *more: str) -> tuple[str, ...]:
    """Keys of the numbers among another system's identifiers, and of `more`."""
    given: Iterable[tuple[str, object]] = (upstream or {}).items()
    numbers = [str(one) for name, one in given if name == "id" or name.endswith("_no")]
    keys = map(upstream_key, (*numbers, *more))
    return tuple(dict.fromkeys(key for key in keys if len(key) in _KEY_LENGTH))


def phone_areas(actor: Actor) -> frozenset[str]:
    """Areas in which he may search by telephone; empty: nowhere, `{""}`: everywhere."""
    return frozenset(one.area for one in actor.grants if one.role in REPORTER_READERS)
