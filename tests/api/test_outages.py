"""What an accepted report and a waiting action survive."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from temporalio.client import Client

from activities.cases import CaseActivities
from activities.reconcile import Reconciler
from embedded.office import Office, office_on
from embedded.process import free_port
from registry.tables_case import CommandRow
from workflows.client import Door
from workflows.client import connect as connect_temporal
from workflows.converter import data_converter
from workflows.worker import case_worker

pytestmark = pytest.mark.server


async def _due_now(office: Office) -> None:
    async with office.services.sessions.begin() as session:
        await session.execute(
            update(CommandRow).values(
                next_tell_at=CommandRow.received_at - timedelta(seconds=1)
            )
        )


async def test_a_report_is_safe_while_temporal_is_down_and_told_later(
    seeded_url: str, client: Client, task_queue: str, tmp_path: Path
) -> None:
    dead = await connect_temporal(
        f"127.0.0.1:{free_port()}", "gridcase", converter=data_converter(), lazy=True
    )
    tell = Door(client=dead, task_queue=task_queue).tell
    async with office_on(seeded_url, tell, tmp_path) as office:
        body = {"words": "路灯不亮", "lon": 120.1065, "lat": 30.366, "subclass": "E01-13"}
        accepted = await office.ask("POST", "/reports", "grid-liuting1", json=body)
        assert accepted.status_code == 201
        case_no, command_id = accepted.json()["case_no"], accepted.json()["command_id"]
        action = {"steps": [{"action": "urge"}]}
        waits = await office.ask("POST", f"/cases/{case_no}/commands", "duty1", json=action)
        assert waits.status_code == 202
        assert (await office.http.get("/readyz")).status_code == 200

        activities = CaseActivities(office.services.sessions)
        door = Door(client=client, task_queue=task_queue)
        await _due_now(office)
        async with case_worker(client, activities, task_queue=task_queue):
            assert await Reconciler(activities=activities, tell=door.tell).sweep() == 1
            assert (await office.judged(command_id)).verdict == "done"
            waited = await office.get(
                waits.headers["location"].removeprefix("/api/v1"), "duty1"
            )
            assert waited["status"] in {"done", "refused"}


async def test_without_a_worker_an_action_waits_and_its_verdict_is_read_later(
    seeded_url: str, client: Client, task_queue: str, tmp_path: Path
) -> None:
    tell = Door(client=client, task_queue=task_queue).tell
    async with office_on(seeded_url, tell, tmp_path) as office:
        office.services.acting.verdict_wait = 0.3
        activities = CaseActivities(office.services.sessions)
        worker = case_worker(client, activities, task_queue=task_queue)
        async with worker:
            case_no = (await office.report())["case_no"]
        case = await office.get(f"/cases/{case_no}", "duty1")
        body = {"steps": [{"action": "sign"}], "seen": case["version"]}
        key = {"Idempotency-Key": uuid.uuid4().hex}
        path, login = f"/cases/{case_no}/commands", f"{case['unit']}.desk"
        waits = await office.ask("POST", path, login, json=body, headers=key)
        assert (waits.status_code, waits.json()["status"]) == (202, "waiting")
        again = await office.ask("POST", path, login, json=body, headers=key)
        assert again.json()["command_id"] == waits.json()["command_id"]

        async with case_worker(client, activities, task_queue=task_queue):
            await office.judged(waits.json()["command_id"])
        read = await office.get(waits.headers["location"].removeprefix("/api/v1"), login)
        assert (read["status"], read["state"]) == ("done", "signed")


async def test_without_the_registry_the_answer_is_come_back_later(
    client: Client, task_queue: str, tmp_path: Path
) -> None:
    url = f"postgresql+asyncpg://nobody:nothing@127.0.0.1:{free_port()}/none"
    tell = Door(client=client, task_queue=task_queue).tell
    async with office_on(url, tell, tmp_path) as office:
        body = {"words": "x", "address": "x"}
        answer = await office.ask("POST", "/reports", json=body)
        assert (answer.status_code, answer.json()["code"]) == (503, "registry_unavailable")
        assert answer.headers["retry-after"]
        assert (await office.http.get("/readyz")).status_code == 503
        assert (await office.http.get("/livez")).status_code == 200
        assert (await office.http.get("/metrics")).status_code == 200
