"""Which language a page speaks, and how it says times and amounts in it."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from starlette.requests import Request

ZONE = ZoneInfo("Asia/Shanghai")
COOKIE = "language"
SOON = timedelta(hours=2)
"""A limit nearer than this is shown as near."""


class Language(StrEnum):
    """The languages of the pages."""

    ZH = "zh"
    EN = "en"


def language_of(request: Request) -> Language:
    """The reader's choice, else the first of ours that the browser names, else Chinese."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in set(Language):
        return Language(chosen)
    for part in request.headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in set(Language):
            return Language(code)
    return Language.ZH


def local(at: datetime) -> datetime:
    """The instant on the district's clock."""
    return at.astimezone(ZONE)


def moment(at: datetime, language: Language, *, now: datetime | None = None) -> str:
    """Day and time as people write them; the year only when it is not this one's."""
    here, today = local(at), local(now or datetime.now(UTC))
    clock = f"{here:%H:%M}"
    if here.date() == today.date():
        return f"今天 {clock}" if language is Language.ZH else f"today {clock}"
    if language is Language.ZH:
        day = f"{here.month}月{here.day}日"
        return f"{day} {clock}" if here.year == today.year else f"{here.year}年{day} {clock}"
    day = f"{here.day} {here:%b}"
    return f"{day} {clock}" if here.year == today.year else f"{day} {here.year} {clock}"


def span(amount: timedelta, language: Language) -> str:
    """A stretch of time in its two largest units: `1 h 20`, `2 d 3 h`; `1小时20分`."""
    minutes = max(0, round(amount.total_seconds() / 60))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    zh = language is Language.ZH
    if days:
        large = f"{days}天" if zh else f"{days} d"
        small = (f"{hours}小时" if zh else f" {hours} h") if hours else ""
        return large + small
    if hours:
        large = f"{hours}小时" if zh else f"{hours} h"
        small = (f"{minutes}分" if zh else f" {minutes:02}") if minutes else ""
        return large + small
    return f"{minutes}分钟" if zh else f"{minutes} min"


def due_words(due: datetime, language: Language, *, now: datetime) -> tuple[str, str]:
    """How a limit stands, in words, and its tone: `late`, `soon` or `calm`."""
    left = due - now
    if left < timedelta(0):
        late = span(-left, language)
        return (f"已超时 {late}" if language is Language.ZH else f"overdue by {late}"), "late"
    words = span(left, language)
    tone = "soon" if left < SOON else "calm"
    return (f"还剩 {words}" if language is Language.ZH else f"due in {words}"), tone


def running(amount: timedelta, language: Language, *, working: bool) -> str:
    """Running time of a clock; a working day has 8 hours."""
    minutes = round(amount.total_seconds() / 60)
    sign = "-" if minutes < 0 else ""
    hours, rest = divmod(abs(minutes), 60)
    zh = language is Language.ZH
    if zh:
        words = (f"{hours}小时" if hours else "") + (f"{rest}分" if rest or not hours else "")
        return f"{sign}{words}" if not working else f"{sign}{words}(工作时间)"
    words = (f"{hours} h" if hours else "") + (
        f"{' ' if hours else ''}{rest} min" if rest or not hours else ""
    )
    return f"{sign}{words}" if not working else f"{sign}{words} working"


LIMIT_UNITS = {
    "urgent_hour": ("小时（不分昼夜）", "hours, day and night"),
    "work_hour": ("个工作小时", "working hours"),
    "work_day": ("个工作日", "working days"),
    "natural_day": ("天", "days"),
}


def limit_words(value: float, unit: str, language: Language) -> str:
    """A limit as the catalogue has it: `2 working days`."""
    zh, en = LIMIT_UNITS[unit]
    return f"{value:g}{zh}" if language is Language.ZH else f"{value:g} {en}"
