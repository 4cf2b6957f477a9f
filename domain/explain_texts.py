"""What `domain.explain` found, in words: the same sentences for the API and for pages."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from domain.calendar import DayLabel
from domain.clock import Clock, ClockKind, Fired, Outcome
from domain.explain import (
    CARRIED,
    STRETCH,
    Change,
    Explained,
    Line,
    Rung,
    Waited,
    to_second,
    uncounted,
)
from domain.facts import Moved
from domain.labels import ACTIONS, CLOCKS, Label
from domain.pausing import (
    CASE_HOLD,
    CONSULTATION,
    FORMER,
    HOLD,
    LATE_DECIDER,
    OFFERED,
    QUESTION,
)

_ZERO = timedelta(0)
_SECOND = timedelta(seconds=1)
GROUNDS: Mapping[str, Label] = MappingProxyType(
    {
        HOLD: Label("挂账", "hold"),
        CASE_HOLD: Label("整案挂账", "hold of the whole case"),
        QUESTION: Label("等待诉求人补充信息", "question to the reporter"),
        CONSULTATION: Label("会商", "joint consultation"),
        LATE_DECIDER: Label("审批人超时", "decider over his own limit"),
        "review": Label("反馈审核", "feedback under review"),
        OFFERED: Label("移交待接", "offered to another unit"),
        "dispatched": Label("已派遣", "dispatched meanwhile"),
        FORMER: Label("接入前未计时", "not counted before the take-over"),
    }
)
"""Why a clock does not run, in words."""
DAYS: Mapping[str, Label] = MappingProxyType(
    {
        DayLabel.WORKING: Label("工作日", "working day"),
        DayLabel.WEEKEND: Label("周末", "weekend"),
        DayLabel.HOLIDAY: Label("节假日", "holiday"),
        DayLabel.MAKE_UP: Label("调休上班", "make-up working day"),
        STRETCH: Label("昼夜连续", "day and night"),
        CARRIED: Label("改计时方式前已用", "used before the way of counting changed"),
    }
)


def both(say: Callable[[str], str]) -> Label:
    """A sentence made in each language."""
    return Label(say("zh"), say("en"))


def amount_words(amount: timedelta, language: str) -> str:
    """Running time to the second: `7 h 56 min`, `7小时56分`; nothing is rounded away."""
    seconds = round(abs(amount) / _SECOND)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    units = ("小时", "分", "秒") if language.startswith("zh") else (" h", " min", " s")
    parts = [
        f"{n}{unit}" for n, unit in zip((hours, minutes, seconds), units, strict=True) if n
    ]
    between = "" if language.startswith("zh") else " "
    words = between.join(parts) or f"0{units[0]}"
    return f"-{words}" if amount < _ZERO and parts else words


def amount_figures(amount: timedelta) -> str:
    """Running time as a column has it: hours and minutes, `7:30`, or with seconds `7:30:39`."""
    minutes, seconds = divmod(round(amount / _SECOND), 60)
    figures = f"{minutes // 60}:{minutes % 60:02}"
    return f"{figures}:{seconds:02}" if seconds else figures


def instant_words(at: datetime, zone: ZoneInfo) -> str:
    """A local time, with its seconds where it has any."""
    here = _second(at).astimezone(zone)
    return f"{here:%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def clock_name(clock_id: str) -> Label:
    """A clock's name with its number or its stage: `handle 2`."""
    kind, _, number = clock_id.partition(":")
    label = CLOCKS[ClockKind(kind)]
    after = f" {number.replace(':', ' ')}" if number else ""
    return Label(label.zh + after, label.en + after)


def day_name(name: str) -> Label:
    """A day's name in each language, of a calendar that has `国庆节 National Day`."""
    zh, _, en = name.partition(" ")
    return Label(zh, en) if en and not zh.isascii() and en[0].isascii() else Label(name, name)


def ground_words(grounds: Iterable[str]) -> Label:
    """Grounds of a pause."""
    found = [GROUNDS.get(one, Label(one, one)) for one in grounds]
    return Label("、".join(one.zh for one in found), " and ".join(one.en for one in found))


def day_words(line: Line) -> Label:
    """What kind of day a line is: its kind, its name, and why the clock stood still."""
    kind, name, waits = DAYS[line.kind], day_name(line.name), ground_words(line.grounds)
    return both(
        lambda language: " · ".join(
            part.text(language) for part in (kind, name, waits) if part.text(language)
        )
    )


def date_words(line: Line) -> str:
    """The day, or the first and the last of several."""
    return _days(line.first, line.last)


def span_words(line: Line, zone: ZoneInfo) -> str:
    """The intervals that count on a line, as local times."""
    return ", ".join(
        f"{_clock(opens, line.first, zone)}–{_clock(closes, line.first, zone)}"
        for opens, closes in line.counted
    )


def sentences(why: Explained) -> tuple[Label, ...]:
    """Everything that makes a due time, one sentence a fact; the first is the sum."""
    return (
        _sum(why),
        *_work_ends(why),
        *(_extension(one, why) for one in why.extensions),
        *(_change(one, why) for one in why.changes),
        *(_waited(one, why) for one in why.pauses),
        *_credit(why),
        *_carried(why),
        *_rounds(why),
        *_provisional(why),
        *_judged(why),
    )


def rung_words(rung: Rung, why: Explained) -> Label:
    """A percentage: how much that is, when, and whether it fired."""
    at = instant_words(rung.due, why.zone) if rung.due else "–"

    def say(language: str) -> str:
        amount = amount_words(rung.amount, language)
        zh = language == "zh"
        return (
            f"{rung.percent}%（{amount}）：{at}" if zh else f"{rung.percent}% ({amount}): {at}"
        ) + (_fired(rung.fired, why, zh=zh) if rung.fired else "")

    return both(say)


def moved_words(moved: Moved, zone: ZoneInfo) -> Label:
    """A clock that new versions moved: before and after."""
    name = clock_name(moved.clock_id)

    def at(due: datetime | None, left: timedelta | None, language: str) -> str:
        if due is not None:
            return instant_words(due, zone)
        words = amount_words(left or _ZERO, language)
        return f"暂停中，剩余{words}" if language == "zh" else f"paused, {words} left"

    return both(
        lambda language: (
            f"{name.text(language)}: "
            f"{at(moved.before, moved.left_before, language)} → "
            f"{at(moved.after, moved.left_after, language)}"
        )
    )


# The sentences -------------------------------------------------------------------------


def _sum(why: Explained) -> Label:
    """`due = start + budget + extensions, not counting …`."""
    clock = why.clock
    start = instant_words(clock.started_at, why.zone)
    spared = _spared(why)

    def say(language: str) -> str:
        zh = language == "zh"
        added = amount_words(clock.extended, language)
        budget = amount_words(clock.budget, language)
        if zh:
            budget += "" if clock.continuous else "（工作时间）"
            parts = f"起算 {start} + 时限 {budget}"
            parts += f" + 延期 {added}" if clock.extended else ""
            rest = f"，不计{'、'.join(one.zh for one in spared)}" if spared else ""
        else:
            budget += "" if clock.continuous else " of working time"
            parts = f"start {start} + {budget}"
            parts += f" + {added} of extension" if clock.extended else ""
            names = ", ".join(one.en for one in spared)
            rest = f", not counting {names}" if spared else ""
        if why.due is not None:
            due = instant_words(why.due, why.zone)
            return f"到期 {due} = {parts}{rest}。" if zh else f"Due {due} = {parts}{rest}."
        left = amount_words(clock.limit - why.used, language)
        if zh:
            return f"暂停中，到期时间待恢复后确定：{parts}{rest}；剩余 {left}。"
        return f"Paused, due when it has run on: {parts}{rest}; {left} left."

    return both(say)


def _spared(why: Explained) -> list[Label]:
    """What the sum does not count."""
    found: list[Label] = []
    if not why.clock.continuous:
        found.append(Label("非工作时段", "hours off"))
        if uncounted(why.lines, DayLabel.WEEKEND):
            found.append(Label("周末", "weekends"))
        for line in uncounted(why.lines, DayLabel.HOLIDAY):
            name, days = day_name(line.name), date_words(line)
            found.append(Label(f"{name.zh}（{days}）", f"{name.en} ({days})"))
    kept = [one for one in why.pauses if one.kept_out]
    for grounds in dict.fromkeys(one.grounds for one in kept):
        total = sum((one.kept_out for one in kept if one.grounds == grounds), _ZERO)
        words = ground_words(grounds)
        found.append(
            both(
                lambda language, words=words, total=total: (  # type: ignore[misc]
                    f"{words.text(language)} {amount_words(total, language)}"
                )
            )
        )
    return found


def _work_ends(why: Explained) -> Iterable[Label]:
    if why.work_ends:
        yield Label(
            f"时限自起算次日起按工作日计，至 {why.work_ends} 下班为止，合上述工作时间。",
            f"It lasts until work ends on {why.work_ends}, counting working days after the"
            " first day; that is the working time above.",
        )


def _extension(one: Change, why: Explained) -> Label:
    before, after = _due(one.before, why), _due(one.after, why)
    at = instant_words(one.at, why.zone)
    return both(
        lambda language: (
            f"{at} 同意延期 {amount_words(one.amount, language)}，"
            f"从原到期时间 {before} 延至 {after}。"
            if language == "zh"
            else f"Extension of {amount_words(one.amount, language)} approved at {at}: "
            f"from the old due time {before} to {after}."
        )
    )


def _change(one: Change, why: Explained) -> Label:
    before, after = _due(one.before, why), _due(one.after, why)
    at, action = instant_words(one.at, why.zone), ACTIONS[one.action]

    def say(language: str) -> str:
        sign = "+" if one.amount > _ZERO else ""
        zh = language == "zh"
        added = ("，时限 " if zh else ", limit ") + sign + amount_words(one.amount, language)
        added = added if one.amount else ""
        name = action.text(language)
        if zh:
            return f"{at} {name}{added}：到期时间由 {before} 变为 {after}。"
        return f"{at}, {name}{added}: due {after} instead of {before}."

    return both(say)


def _waited(one: Waited, why: Explained) -> Label:
    words, start = ground_words(one.grounds), instant_words(one.start, why.zone)
    end = instant_words(one.end, why.zone) if one.end else None
    return both(
        lambda language: (
            f"{words.zh}：{start} 至 {end or '现在'} 暂停，"
            f"扣除 {amount_words(one.kept_out, language)}。"
            if language == "zh"
            else f"Paused ({words.en}) from {start} to {end or 'now'}: "
            f"{amount_words(one.kept_out, language)} not counted."
        )
    )


def _credit(why: Explained) -> Iterable[Label]:
    if why.credit:
        yield both(
            lambda language: (
                f"审批人超出自身时限的 {amount_words(why.credit, language)} 不计入承办单位。"
                if language == "zh"
                else f"{amount_words(why.credit, language)} are the decider's, who was over "
                "his own limit; they do not count against the unit."
            )
        )


def _carried(why: Explained) -> Iterable[Label]:
    clock = why.clock
    if clock.counts_from is not None:
        since = instant_words(clock.counts_from, why.zone)
        way = DAYS[STRETCH] if clock.continuous else Label("工作时间", "working time")
        yield both(
            lambda language: (
                f"自 {since} 起改按{way.zh}计时；"
                f"此前已用的按比例折算为 {amount_words(clock.carried, language)}。"
                if language == "zh"
                else f"Counted in {way.en} since {since}; the share used by then counts as "
                f"{amount_words(clock.carried, language)}."
            )
        )


def _rounds(why: Explained) -> Iterable[Label]:
    clock = why.clock
    if not clock.used_before:
        return
    allowed = (clock.judged_budget or clock.budget) + clock.extended
    total = to_second(clock.used_before + why.used)

    def say(language: str) -> str:
        before, now, together, most = (
            amount_words(one, language)
            for one in (clock.used_before, total - to_second(clock.used_before), total, allowed)
        )
        if language == "zh":
            return (
                f"各轮合并考核：前几轮已用 {before} + 本轮 {now} = {together}，"
                f"允许 {most}；本轮提醒按本轮时限。"
            )
        return (
            f"All rounds are judged together: {before} before + {now} in this one = "
            f"{together}, of {most}; this round's reminders go by its own limit."
        )

    yield both(say)


def _provisional(why: Explained) -> Iterable[Label]:
    if why.unpublished:
        years = ", ".join(map(str, why.unpublished))
        yield Label(
            f"{years} 年放假安排尚未公布，到期时间为暂定。",
            f"The holidays of {years} are not published yet: the due time is provisional.",
        )


def _judged(why: Explained) -> Iterable[Label]:
    clock = why.clock
    if clock.stopped_at is None:
        return
    at = instant_words(clock.stopped_at, why.zone)

    def say(language: str) -> str:
        used, zh = amount_words(why.used, language), language == "zh"
        verdict = _verdict(clock, why.on_time).text(language)
        return (
            f"{at} 停止，已用 {used}：{verdict}。"
            if zh
            else f"Stopped {at}, {used} used: {verdict}."
        )

    yield both(say)


def _verdict(clock: Clock, on_time: bool | None) -> Label:  # noqa: FBT001  three answers
    if on_time is None or clock.outcome is Outcome.VOID:
        return Label("不计考核", "not judged")
    return Label("按时", "on time") if on_time else Label("超时", "late")


def _fired(fired: Fired, why: Explained, *, zh: bool) -> str:
    at = instant_words(fired.due, why.zone)
    if fired.superseded:
        return (
            f"，{at} 曾到点，已由更早的操作取代"
            if zh
            else f", fell due {at}, superseded by an earlier command"
        )
    return f"，{at} 已到点" if zh else f", fell due {at}"


# Small parts ---------------------------------------------------------------------------


def _due(at: datetime | None, why: Explained) -> str:
    return instant_words(at, why.zone) if at else "–"


def _second(at: datetime) -> datetime:
    return (at + _SECOND / 2).replace(microsecond=0)


def _clock(at: datetime, day: date, zone: ZoneInfo) -> str:
    here = _second(at).astimezone(zone)
    if here.date() == day + timedelta(days=1) and here.time() == datetime.min.time():
        return "24:00"
    words = f"{here:%H:%M:%S}".removesuffix(":00")
    return words if here.date() == day else f"{here:%m-%d} {words}"


def _days(first: date, last: date) -> str:
    if first == last:
        return f"{first:%m-%d}"
    same_year = first.year == last.year
    return f"{first:%m-%d}–{last:%m-%d}" if same_year else f"{first}–{last}"
