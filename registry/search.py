"""One box that finds cases: by number, upstream number, telephone, place, class and words.

A case found by a number or a telephone comes first; then those with more parts of the query in
their place or class; then the newest. Who may see a case follows `registry.reads.within`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from domain.finding import Matched, Query, upstream_keys
from domain.visibility import Reach
from domain.words import Part, snippet, terms_of
from registry.reads import LINE, MOST, within
from registry.tables_case import CaseRow, EventRow, ReporterRow
from registry.tables_search import SearchRow
from registry.terms import ADDED, Names, names_of, number_term, quoted, upstream_term

COUNTED = 1000
"""Cases found are counted up to here."""
EXACT = 1000
"""Tier of what was found by a number; more than all parts of a query can make."""
PLACED, MENTIONED = 2, 1
"""Tier of a part found in address, area or class; and in the words alone."""


@dataclass(frozen=True, kw_only=True)
class Phone:
    """A telephone to search by.

    Attributes:
        index: Its keyed hash.
        reach: Cases whose reporter he may ask for.
    """

    index: bytes
    reach: Reach


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What he who searches may find.

    Attributes:
        reach: Cases that he may see.
        confidential: Subclasses whose words an admin has no need of: found by number only.
        phone: The telephone that he may search by, when the query looks like one.
    """

    reach: Reach
    confidential: Collection[str]
    phone: Phone | None = None


@dataclass(frozen=True, kw_only=True)
class After:
    """Where the last page ended."""

    tier: int
    reported_at: datetime
    case_no: str


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A case that was found.

    Attributes:
        row: As lists have it, with `address`; both empty where words are not his to read.
        matched: By what.
        snippet: The words around the first match.
        after: Its place in the order.
    """

    row: Any
    matched: tuple[Matched, ...]
    snippet: str
    address: str
    after: After


@dataclass(frozen=True, kw_only=True)
class Found:
    """A page of what was found.

    Attributes:
        hits: Best first.
        total: Of all pages, up to `COUNTED`.
        more: There are more than those.
        after: Where the next page goes on; None on the last one.
    """

    hits: Sequence[Hit]
    total: int
    more: bool
    after: After | None


async def search(
    session: AsyncSession,
    query: Query,
    rights: Rights,
    *,
    after: After | None = None,
    limit: int = 20,
) -> Found:
    """A page of the cases that a query finds.

    Args:
        session: The registry.
        query: What is looked for.
        rights: Of him who searches.
        after: The last hit of the page before.
        limit: At most `MOST`.
    """
    limit = min(limit, MOST)
    statement = _statement(query, rights, after, limit + 1)
    rows = (await session.execute(statement)).all()
    hits = await _hits(session, rows[:limit], query)
    total = rows[0].total if rows else 0
    return Found(
        hits=hits,
        total=min(total, COUNTED),
        more=total > COUNTED,
        after=hits[-1].after if len(rows) > limit else None,
    )


def _statement(
    query: Query, rights: Rights, after: After | None, limit: int
) -> Select[*tuple[Any, ...]]:
    hit = _candidates(query, rights.phone)
    readable = _readable(rights)

    def mine(one: FromClause) -> ColumnElement[bool]:
        return and_(within(rights.reach), or_(one.c.tier >= EXACT, readable))

    case_record = CaseRow.__table__
    counted = (
        select(literal(1))
        .select_from(hit)
        .join(case_record, CaseRow.case_no == hit.c.case_no)
        .where(mine(hit))
        .limit(COUNTED + 1)
        .subquery()
    )
    # put in order before the join, so that only the cases of the page are looked up
    best = _ordered(hit, after).subquery("best")
    return (
        select(
            *LINE,
            CaseRow.words,
            CaseRow.address,
            CaseRow.upstream,
            CaseRow.upstream_no,
            best.c.tier,
            best.c.reported_at.label("sorted_at"),
            best.c.phone,
            readable.label("readable"),
            select(func.count()).select_from(counted).scalar_subquery().label("total"),
        )
        .select_from(best)
        .join(case_record, CaseRow.case_no == best.c.case_no)
        .where(mine(best))
        .order_by(*_best_first(best))
        .limit(limit)
    )


def _best_first(one: FromClause) -> tuple[ColumnElement[Any], ...]:
    return one.c.tier.desc(), one.c.reported_at.desc(), one.c.case_no.desc()


def _ordered(hit: CTE, after: After | None) -> Select[*tuple[Any, ...]]:
    query = select(hit).order_by(*_best_first(hit))
    if after is None:
        return query
    place = tuple_(hit.c.tier, hit.c.reported_at, hit.c.case_no)
    return query.where(place < tuple_(after.tier, after.reported_at, after.case_no))


def _candidates(query: Query, phone: Phone | None) -> CTE:
    """Cases with the terms, or with the telephone: number, time of the report and tier."""
    row = SearchRow
    exact = _exact(query)
    words = " & ".join(f"({_all_of(part)})" for part in query.parts)
    wanted = f"({exact}) | ({words})" if exact else words
    tier: ColumnElement[int] = sum(
        (case((_has(_all_of(part, "BD")), PLACED), else_=MENTIONED) for part in query.parts),
        start=literal(0),
    )
    if exact:
        tier = case((_has(exact), EXACT), else_=tier)
    by_terms = select(
        row.case_no, row.reported_at, tier.label("tier"), false().label("phone")
    ).where(_has(wanted))
    if phone is None:
        return by_terms.cte("hit")
    by_phone = (
        select(
            CaseRow.case_no,
            CaseRow.reported_at,
            literal(EXACT).label("tier"),
            true().label("phone"),
        )
        .join(ReporterRow, ReporterRow.reporter_id == CaseRow.reporter_id)
        .where(ReporterRow.phone_index == phone.index, within(phone.reach))
    )
    both = union_all(by_terms, by_phone).subquery()
    return (
        select(
            both.c.case_no,
            both.c.reported_at,
            func.max(both.c.tier).label("tier"),
            func.bool_or(both.c.phone).label("phone"),
        )
        .group_by(both.c.case_no, both.c.reported_at)
        .cte("hit")
    )


def _readable(rights: Rights) -> ColumnElement[bool]:
    """`domain.visibility.may_read_words` for what is within reach, as a filter."""
    if not rights.reach.everything or not rights.confidential:
        return true()
    by_duty = within(replace(rights.reach, everything=False))
    return or_(by_duty, CaseRow.subclass.not_in(sorted(rights.confidential)))


def _exact(query: Query) -> str:
    found = []
    if query.number:
        found.append(f"{quoted(number_term(query.number))}:*")
    if query.key:
        found.append(quoted(upstream_term(query.key)))
    return " | ".join(found)


def _all_of(part: Part, weights: str = "BCD") -> str:
    mark = f":{'*' if part.begins else ''}{weights}"
    return " & ".join(quoted(term) + mark for term in part.terms)


def _has(query: str) -> ColumnElement[bool]:
    return SearchRow.terms.bool_op("@@")(cast(literal(query), TSQUERY))


async def _hits(session: AsyncSession, rows: Sequence[Any], query: Query) -> list[Hit]:
    """What each row was found by; worked out from its texts, which only a page's rows cost."""
    names = await names_of(session, [(one.grid, one.subclass) for one in rows])
    added = await _added(session, [one.case_no for one in rows])
    return [_hit(one, query, names, added.get(one.case_no, ())) for one in rows]


async def _added(
    session: AsyncSession, case_numbers: Sequence[str]
) -> Mapping[str, Sequence[str]]:
    """What was added to the reports since, by case."""
    found: dict[str, list[str]] = {}
    if case_numbers:
        rows = await session.execute(
            select(EventRow.case_no, EventRow.note)
            .where(
                EventRow.case_no.in_(case_numbers),
                EventRow.action.in_(sorted(ADDED)),
                EventRow.note != "",
            )
            .order_by(EventRow.case_no, EventRow.seq)
        )
        for case_no, note in rows:
            found.setdefault(case_no, []).append(note)
    return found


def _hit(row: Any, query: Query, names: Names, added: Sequence[str]) -> Hit:  # noqa: ANN401  a result row
    matched = []
    if query.number and row.case_no.endswith(query.number):
        matched.append(Matched.NUMBER)
    if query.key and query.key in upstream_keys(row.upstream, row.upstream_no):
        matched.append(Matched.UPSTREAM)
    if row.phone:
        matched.append(Matched.PHONE)
    texts = [row.words, *added]
    shown = ""
    if row.readable:
        matched += _by_text(query, row, texts, names)
        holding = (one for one in texts if _any(query.parts, terms_of(one)))
        shown = snippet(next(holding, row.words), query.parts)
    return Hit(
        row=row,
        matched=tuple(matched),
        snippet=shown,
        address=row.address if row.readable else "",
        after=After(tier=row.tier, reported_at=row.sorted_at, case_no=row.case_no),
    )


def _by_text(
    query: Query,
    row: Any,  # noqa: ANN401  a result row
    texts: Sequence[str],
    names: Names,
) -> list[Matched]:
    fields = {
        Matched.PLACE: terms_of(" / ".join((row.address, *names.place(row.grid)))),
        Matched.CLASS: terms_of(" / ".join(names.classes.get(row.subclass, ()))),
        Matched.WORDS: terms_of(" / ".join(texts)),
    }
    if not all(any(part.in_terms(one) for one in fields.values()) for part in query.parts):
        return []  # found by a number that its text does not hold
    return [name for name, terms in fields.items() if _any(query.parts, terms)]


def _any(parts: Sequence[Part], terms: Collection[str]) -> bool:
    return any(part.in_terms(terms) for part in parts)
