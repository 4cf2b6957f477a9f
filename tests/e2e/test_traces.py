"""One trace from the request through the workflow's activity to SQL, across processes."""

import asyncio
import base64
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from embedded.house import KEY, NAMESPACE, ROOT, House
from embedded.process import free_port

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@dataclass
class Collector:
    """An OTLP endpoint that keeps trace id, service, name and attributes of spans."""

    url: str = ""
    spans: list[tuple[bytes, str, str, str]] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        """Keep the spans of one export."""
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = next(
                one.value.string_value
                for one in resource.resource.attributes
                if one.key == "service.name"
            )
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.spans.append((span.trace_id, service, span.name, str(span.attributes)))

    def names_of(self, trace_id: bytes) -> set[tuple[str, str]]:
        """Services and span names of one trace."""
        return {(one[1], one[2]) for one in self.spans if one[0] == trace_id}


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector on the loopback."""
    made = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
async def traced(house: House, collector: Collector) -> AsyncIterator[str]:
    """A server and a worker that send traces; the server's address."""
    port, key = free_port(), base64.b64encode(KEY).decode()
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": house.url,
        "TEMPORAL_ADDRESS": house.temporal.address,
        "GRIDCASE_TEMPORAL_NAMESPACE": NAMESPACE,
        "GRIDCASE_PORT": str(port),
        "GRIDCASE_WORKER_METRICS_PORT": str(free_port()),
        "GRIDCASE_REPORTER_KEY": key,
        "GRIDCASE_PAYLOAD_KEY": key,
        "GRIDCASE_BLIND_INDEX_KEY": key,
        "GRIDCASE_OTEL_ENDPOINT": collector.url,
        "GRIDCASE_DATA_DIR": str(house.log.parent),
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    programs = [
        await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / name), env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        for name in ("server.py", "worker.py")
    ]
    address = f"http://127.0.0.1:{port}"

    async def ready() -> bool:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{address}/readyz")).is_success

    await house.eventually(ready)
    yield address
    for program in programs:
        program.terminate()
        await program.wait()


async def test_one_trace_runs_from_the_request_to_sql(
    house: House, collector: Collector, traced: str
) -> None:
    async with httpx.AsyncClient(base_url=traced) as client:
        answer = await client.post(
            "/api/v1/reports",
            json={"words": "路灯不亮 13800001111", "lon": 120.15, "lat": 30.33},
            headers={"Idempotency-Key": "trace-1"},
        )
        assert answer.status_code == 201, answer.text
        link = await client.get("/outside/nobody-s-secret/photo/x?from=13800001111")
        assert link.status_code in {404, 422}
    case_no = answer.json()["case_no"]

    async def complete() -> bool:
        judged = [one for one in collector.spans if one[2] == "judge" and case_no in one[3]]
        names = {one[2] for one in collector.spans if judged and one[0] == judged[0][0]}
        links = [one for one in collector.spans if "/outside/{secret}" in one[3]]
        return bool(links) and any(one.startswith("POST") for one in names)

    await house.eventually(complete)
    trace_id = next(one[0] for one in collector.spans if one[2] == "judge")
    names = collector.names_of(trace_id)
    assert ("gridcase-server", "POST /api/v1/reports") in names
    assert ("gridcase-worker", "judge") in names
    in_worker = [one for one in collector.spans if one[:2] == (trace_id, "gridcase-worker")]
    assert any("insert into event" in one[3].lower() for one in in_worker)
    assert any(name.startswith("RunWorkflow") for _, name in names)
    secrets = ("13800001111", "nobody-s-secret")
    assert not any(secret in one[3] for one in collector.spans for secret in secrets)
