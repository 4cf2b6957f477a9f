"""The server that skips time, and the set-up that fetches it."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from embedded import setup
from embedded.testserver import TestServerMissingError, ensure_test_server


@workflow.defn
class Month:
    """Wait 30 days."""

    @workflow.run
    async def run(self) -> str:
        """Return when they are over."""
        await workflow.sleep(timedelta(days=30))
        return "a month later"


@pytest.mark.server
async def test_thirty_days_pass_in_seconds(
    skipping_env: WorkflowEnvironment, task_queue: str, unique: str
) -> None:
    begun = time.monotonic()
    async with Worker(skipping_env.client, task_queue=task_queue, workflows=[Month]):
        answer = await skipping_env.client.execute_workflow(
            Month.run, id=unique, task_queue=task_queue
        )

    assert answer == "a month later"
    assert time.monotonic() - begun < 60


def test_without_java_and_maven_debians_packages_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(TestServerMissingError, match="default-jre-headless and maven"):
        ensure_test_server()


def test_what_the_tests_need_is_named_when_it_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert {"chromium", "maven"} <= set(setup.missing_packages())
