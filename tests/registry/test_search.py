"""The search on real Postgres: what it finds, for whom, in which order, by its index."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from uuid_utils.compat import uuid7

from activities.cases import Advance
from domain.case import Event
from domain.command import Command, Step
from domain.finding import Matched, phone_areas, read_query
from domain.patch import Patch
from domain.people import Actor, Grant
from domain.terms import Action, Role, Source, State
from domain.visibility import Reach, reach_of
from embedded.centre import GRID, LITTER, SEALER, Centre
from embedded.postgres import Postgres
from registry import history, intake, search
from registry.commands import Wish
from registry.history import Ledger, Past
from registry.intake import Contact, Report
from registry.migrate import _config, upgrade_async
from registry.sealing import phone_digits
from registry.search import Found, Phone, Rights
from registry.tables_case import CaseDay
from registry.tables_search import SearchRow

pytestmark = pytest.mark.server
EVERYONE = Rights(reach=Reach(everything=True), confidential=())
TIP = "A23-02"
TODAY = date(2026, 11, 22)
PHONE = "138 0000 1111"


@dataclass
class Registry:
    """Reports cases and searches them, without Temporal."""

    desk: Centre
    at: datetime = datetime(2026, 11, 22, 4, tzinfo=UTC)
    written: list[str] = field(default_factory=list)

    async def report(self, words: str, **more: Any) -> str:  # noqa: ANN401  the fields of a report
        """A report that is judged; each a minute after the one before."""
        self.at += timedelta(minutes=1)
        step = Step(
            action=Action.REPORT,
            source=Source.HOTLINE,
            grid=more.pop("grid", GRID),
            subclass=more.pop("subclass", LITTER),
            contact=True,
        )
        judged = more.pop("judged", True)
        async with self.desk.sessions.begin() as session:
            case_no = await intake.next_case_number(session, "990106", TODAY)
            actor = self.desk.actor("acceptor1")
            asked = Command(command_id=str(uuid7()), at=self.at, actor=actor, steps=(step,))
            wish = Wish(
                command_id=uuid7(),
                case_no=case_no,
                principal="acceptor1",
                idempotency_key=None,
                body_hash=b"",
                label="report",
                command=asked,
            )
            report = Report(words=words, **more)
            await intake.write_report(session, wish, report, SEALER, at=self.at)
        if judged:
            await self.desk.activities.advance(Advance(case_no=case_no, known_seq=0))
        self.written.append(case_no)
        return case_no

    async def act(self, case_no: str, login: str, step: Step) -> None:
        """An action that is judged."""
        asked = await self.desk.ask(case_no, login, step)
        await self.desk.activities.advance(Advance(case_no=case_no, known_seq=0))
        row = await self.desk.verdict(asked)
        assert row.verdict == "done", row.refusal

    def rights(self, login: str, text: str = "") -> Rights:
        """What an account may find."""
        return self.rights_of(self.desk.actor(login), text)

    def rights_of(self, actor: Actor, text: str = "") -> Rights:
        """What somebody may find."""
        areas, phone = phone_areas(actor), phone_digits(text)
        confidential = [
            code for code, one in self.desk.book.catalogues[1].items() if one.confidential
        ]
        return Rights(
            reach=reach_of(actor, self.desk.book.units),
            confidential=confidential,
            phone=Phone(index=SEALER.index(phone), reach=Reach(areas=areas)) if areas else None,
        )

    async def search(self, text: str, rights: Rights = EVERYONE, **more: Any) -> Found:  # noqa: ANN401  paging
        """A page."""
        query = read_query(text, county="990106", today=TODAY)
        async with self.desk.sessions() as session:
            return await search.search(session, query, rights, **more)

    async def find(self, text: str, rights: Rights = EVERYONE) -> list[str]:
        """Numbers of the cases of the first page."""
        return [one.row.case_no for one in (await self.search(text, rights)).hits]

    async def matched(self, text: str, rights: Rights = EVERYONE) -> list[set[Matched]]:
        """By what each was found."""
        return [set(one.matched) for one in (await self.search(text, rights)).hits]


@pytest.fixture
async def registry(centre: Centre) -> Registry:
    """A registry of this test's own, in which the day's numbers begin at 1."""
    centre.tells = False
    async with centre.sessions.begin() as session:
        await session.execute(delete(CaseDay).where(CaseDay.day == TODAY.isoformat()))
    return Registry(centre)


async def test_a_case_is_found_by_its_number_and_by_its_last_digits(registry: Registry) -> None:
    case_no = await registry.report("路灯不亮")
    other = await registry.report("井盖丢失")

    for typed in (case_no, case_no[-5:], case_no[-9:], f"{case_no[10:14]}-{case_no[14:]}"):
        assert await registry.find(typed) == [case_no], typed
        assert await registry.matched(typed) == [{Matched.NUMBER}]
    found = await registry.search(str(int(case_no[-5:])))
    assert found.hits[0].row.case_no == case_no
    assert await registry.find(other[-5:]) == [other]
    assert await registry.find("9901062026112299999") == []


async def test_a_case_is_found_by_the_number_of_another_system(registry: Registry) -> None:
    case_no = await registry.report(
        "噪音", upstream={"system": "hotline", "id": "SH-2026/0815"}
    )
    await registry.report("噪音", upstream={"system": "hotline", "id": "SH-2026/0816"})

    assert await registry.find("sh 2026 0815") == [case_no]
    assert await registry.matched("SH-2026/0815") == [{Matched.UPSTREAM}]
    assert await registry.find("SH-2026/08") == []


async def test_words_place_and_class_are_found_in_both_languages(registry: Registry) -> None:
    case_no = await registry.report("夜里Street light坏了，路灯不亮", address="文一路12号南门")
    await registry.report("别的事", grid="990106002001001", subclass="E01-28")

    for typed, by in (
        ("路灯", {Matched.WORDS}),
        ("STREET light", {Matched.WORDS}),
        ("灯", {Matched.WORDS}),
        ("文一路12号", {Matched.PLACE}),
        ("柳汀社区", {Matched.PLACE}),
        ("Liuting Community", {Matched.PLACE}),
        ("道路破损", {Matched.CLASS}),
        ("damaged road", {Matched.CLASS}),
        ("柳汀街道 路灯", {Matched.PLACE, Matched.WORDS}),
    ):
        assert await registry.find(typed) == [case_no], typed
        assert await registry.matched(typed) == [by], typed
    assert await registry.find("路灯 望洲社区") == []
    assert await registry.find("路灯 井盖") == []


async def test_a_report_is_found_before_it_is_judged(registry: Registry) -> None:
    case_no = await registry.report("天台漏水", address="荷风苑3幢", judged=False)

    assert await registry.find("漏水 荷风苑") == [case_no]


async def test_names_follow_place_and_class_and_supplements_are_added(
    registry: Registry,
) -> None:
    case_no = await registry.report("不清楚在哪里", grid="", subclass="", address="路口")
    assert await registry.find("望洲社区") == []
    await registry.act(
        case_no,
        "acceptor1",
        Step(action=Action.ACCEPT, grid="990106002001001", subclass="E03-11"),
    )
    assert await registry.find("望洲社区 muck truck") == [case_no]
    assert await registry.find("不清楚 路口") == [case_no]
    await registry.act(
        case_no,
        "duty1",
        Step(action=Action.SEND_BACK, reason=registry.desk.reason("send_back"), text="重填"),
    )
    await registry.act(
        case_no, "acceptor1", Step(action=Action.ACCEPT, grid=GRID, subclass="E01-84")
    )
    assert await registry.find("柳汀社区 不清楚") == [case_no]
    assert await registry.find("望洲社区") == []
    assert await registry.find("渣土车") == []
    await registry.act(
        case_no, "acceptor1", Step(action=Action.SUPPLEMENT, text="在公交站牌后面")
    )
    (hit,) = (await registry.search("公交站 不清楚")).hits
    assert (hit.matched, hit.snippet) == ((Matched.WORDS,), "不清楚在哪里")
    (hit,) = (await registry.search("公交站")).hits
    assert hit.snippet == "在公交站牌后面"


async def test_numbers_come_first_then_places_then_the_newest(registry: Registry) -> None:
    words = await registry.report("荷风苑门口有垃圾", grid="990106002001001")
    newer = await registry.report("荷风苑门口又有垃圾", grid="990106002001001")
    place = await registry.report("门口有垃圾", address="荷风苑", grid="990106002001001")
    latest = await registry.report("荷风苑的垃圾", grid="990106002001001")
    await registry.report("门口", address="荷风苑", grid="990106002001001")
    number = await registry.report("编号", upstream={"id": "88888"})
    mention = await registry.report("请看 88888")

    assert await registry.find("荷风苑 垃圾") == [place, latest, newer, words]
    assert await registry.find("88888") == [number, mention]


async def test_pages_hold_every_case_once_in_one_order(registry: Registry) -> None:
    for index in range(23):
        await registry.report("成批", address="新华路" if index % 3 else "", judged=False)
    async with registry.desk.sessions.begin() as session:  # many at one moment
        await session.execute(
            text("update case_search set reported_at = date_trunc('hour', reported_at)")
        )
    whole = [one.row.case_no for one in (await registry.search("成批", limit=50)).hits]
    walked: list[str] = []
    after = None
    while True:
        page = await registry.search("成批", limit=4, after=after)
        walked += [one.row.case_no for one in page.hits]
        assert (page.total, page.more) == (23, False)
        after = page.after
        if after is None:
            break

    assert walked == whole
    assert sorted(walked) == sorted(registry.written)


async def test_a_telephone_is_found_exactly_and_only_by_readers_of_reporters(
    registry: Registry,
) -> None:
    contact = Contact(name="王女士", phone=PHONE)
    case_no = await registry.report("垃圾", contact=contact)
    far = await registry.report("垃圾", contact=contact, grid="990106002001001")
    await registry.report("垃圾", contact=Contact(phone="138 0000 1112"))

    for typed in ("13800001111", "+86 138-0000-1111", PHONE):
        for login in ("acceptor1", "duty1", "clerk1"):
            rights = registry.rights(login, typed)
            assert await registry.find(typed, rights) == [far, case_no], (typed, login)
            assert await registry.matched(typed, rights) == [{Matched.PHONE}] * 2
        for login in ("dispatcher1", "supervisor1", "admin1", "sanitation.crew"):
            assert await registry.find(typed, registry.rights(login, typed)) == [], login
    for typed in ("1380000111", "138000011110", "3800001111"):
        assert await registry.find(typed, registry.rights("duty1", typed)) == [], typed
    here = registry.rights_of(
        Actor(person="x", grants=(Grant(role=Role.ACCEPTOR, area="990106001"),)), PHONE
    )
    assert await registry.find(PHONE, here) == [case_no]


async def test_the_reporters_name_is_never_found(registry: Registry) -> None:
    await registry.report("垃圾", contact=Contact(name="欧阳晴川", phone=PHONE))

    assert await registry.find("欧阳晴川", registry.rights("duty1")) == []
    async with registry.desk.sessions() as session:
        (terms,) = await session.scalars(select(SearchRow.terms))
    assert not re.search("欧阳|晴川|0000", terms.replace(registry.written[0][::-1], ""))


async def test_one_finds_what_one_may_see(registry: Registry) -> None:
    here = await registry.report("积水 一处")
    far = await registry.report("积水 两处", grid="990106002001001")
    lost = await registry.report("积水 三处", grid="", address="说不清")

    def holding(role: Role, **scope: str) -> Rights:
        return registry.rights_of(Actor(person="x", grants=(Grant(role=role, **scope),)))

    assert await registry.find("积水", registry.rights("dispatcher1")) == [lost, far, here]
    street = holding(Role.DISPATCHER, area="990106002")
    assert await registry.find("积水", street) == [lost, far]
    assert await registry.find("积水", holding(Role.GRID_MEMBER, area=GRID)) == [here]
    assert await registry.find("积水", holding(Role.UNIT_HANDLER, unit="parks")) == []
    assert await registry.find(here, street) == []
    assert (await registry.search("积水", street)).total == 2


async def test_an_admin_finds_a_confidential_case_by_its_number_only(
    registry: Registry,
) -> None:
    tip = await registry.report("有人聚众赌博", subclass=TIP, address="后巷")
    admin = registry.rights("admin1")

    assert await registry.find("赌博", registry.rights("duty1")) == [tip]
    for typed in ("赌博", "后巷", "赌博 后巷", "Gambling"):
        assert await registry.find(typed, admin) == [], typed
        assert (await registry.search(typed, admin)).total == 0
    (hit,) = (await registry.search(tip, admin)).hits
    assert (hit.snippet, hit.address, hit.matched) == ("", "", (Matched.NUMBER,))


async def test_counting_ends_at_a_thousand(registry: Registry) -> None:
    await many(registry.desk.sessions, 1005)
    found = await registry.search("路灯", limit=5)

    assert (len(found.hits), found.total, found.more) == (5, 1000, True)


async def many(sessions: Any, count: int) -> None:  # noqa: ANN401  a session factory
    """Cases by set-based SQL; every fifth mentions a street light."""
    async with sessions.begin() as session:
        await session.execute(
            text(
                "insert into case_record (case_no, state, stage, source, words, reported_at,"
                " changed_at, snapshot) select '990106' || lpad(n::text, 13, '0'), 'reported',"
                " 'intake', 'hotline', '路灯', now(), now(), '{}'"
                " from generate_series(1, :count) as n"
            ),
            {"count": count},
        )
        await session.execute(
            text(
                "insert into case_search (case_no, reported_at, terms)"
                " select case_no, reported_at, cast('''路灯''\\:3C' as tsvector)"
                " from case_record"
            )
        )


async def test_the_index_answers(registry: Registry) -> None:
    await many(registry.desk.sessions, 200)
    query = read_query("路灯 12345", county="990106", today=TODAY)
    statement = search._statement(query, EVERYONE, None, 20)
    async with registry.desk.sessions() as session:
        await session.execute(text("set local enable_seqscan = off"))
        connection = await session.connection()
        compiled = statement.compile(connection.engine, compile_kwargs={"literal_binds": True})
        plan = str((await connection.exec_driver_sql(f"explain {compiled}")).all())

    assert "Bitmap Index Scan on case_by_terms" in plan


async def test_history_is_found_as_well(registry: Registry) -> None:
    at = datetime(2011, 7, 1, tzinfo=UTC)

    def event(seq: int, action: Action, state: State, patch: Patch) -> Event:
        return Event(
            seq=seq,
            at=at,
            cause_id=f"x/{seq}",
            action=action,
            state=state,
            actor="x",
            patch=patch,
        )

    first = Patch(version=1, source=Source.HOTLINE, reported_at=at, grid=GRID, subclass=LITTER)
    past = Past(
        upstream_id="101000301212",
        day=date(2011, 7, 1),
        words="Broken bench",
        address="Main Street",
        point=(120.1, 30.3),
        events=(
            event(1, Action.REPORT, State.REPORTED, first),
            event(2, Action.CLOSE, State.CLOSED, Patch(version=2, settled_as="closed")),
            event(3, Action.ARCHIVE, State.ARCHIVED, Patch(version=3)),
        ),
    )
    async with registry.desk.sessions.begin() as session:
        await history.write(session, Ledger(system="boston", county="990106"), [past])

    (hit,) = (await registry.search("main street bench 柳汀社区")).hits
    assert hit.snippet == "Broken bench"
    assert await registry.matched("101000301212") == [{Matched.UPSTREAM}]


async def test_the_migration_makes_the_terms_of_the_cases_there_are(postgres: Postgres) -> None:
    url = await postgres.create_database(f"t_{uuid7().hex}")
    engine = create_async_engine(url)

    def before(connection: Connection) -> None:
        command.upgrade(_config(connection), "0001")

    async with engine.begin() as connection:
        await connection.run_sync(before)
        await connection.execute(
            text(
                "insert into area (code, level, parent, name_zh, name_en, valid_from)"
                " values ('990106001', 'street', '990106', '柳汀街道', 'Liuting', now())"
            )
        )
        await connection.execute(
            text(
                "insert into case_record (case_no, state, stage, source, words, address, grid,"
                " reported_at, changed_at, upstream, snapshot)"
                " select '990106' || lpad(n::text, 13, '0'), 'reported', 'intake', 'hotline',"
                " '老案件' || n, '文一路', :grid, now(), now(), '{\"id\": \"A-77\"}', '{}'"
                " from generate_series(1, 2500) as n"
            ),
            {"grid": GRID},
        )
        await connection.execute(
            text(
                "insert into event (case_no, seq, cause_id, part, at, action, state, actor,"
                " role, note, body) values ('9901060000000000007', 1, 'c', 0, now(),"
                " 'supplement', 'reported', 'x', 'reporter', '补充说明', '{}')"
            )
        )
    await upgrade_async(url)
    query = read_query("老案件7 柳汀街道 补充说明", county="990106", today=TODAY)
    async with AsyncSession(engine) as session:
        found = await search.search(session, query, EVERYONE)
        all_rows = (await session.scalar(text("select count(*) from case_search"))) or 0
    await engine.dispose()
    await postgres.drop_database(url.rsplit("/", 1)[1])

    assert [one.row.case_no for one in found.hits] == ["9901060000000000007"]
    assert all_rows == 2500
