"""The way out, with resolvers that lie and real servers: only a checked address is called."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from activities.outward import InsideAddressError, Outward, outward_client, resolved

NAME = "oa.example.cn"
HERE = (ip_network("127.0.0.1/32"),)
PUBLIC, INSIDE = "93.184.216.34", "10.0.0.5"


class Names:
    """A resolver that gives these answers, one after the other; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """The next answer."""
        assert (host, port > 0) == (NAME, True)
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]


class Wire(httpx.AsyncBaseTransport):
    """Speaks no HTTP: notes whom it was to call; some do not answer."""

    def __init__(self, *dead: str) -> None:
        self.dead = dead
        self.called: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Note it."""
        self.called.append(request)
        if request.url.host in self.dead:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(200)

    @property
    def hosts(self) -> list[str]:
        """Whom it was to call."""
        return [one.url.host for one in self.called]


async def ask(names: Names, wire: Wire, url: str = f"https://{NAME}/in") -> httpx.Response:
    transport = Outward(resolve=names, inner=wire)
    async with httpx.AsyncClient(transport=transport) as http:
        return await http.post(url, content=b"{}")


async def test_the_checked_address_is_called_under_the_name() -> None:
    names, wire = Names([PUBLIC]), Wire()
    await ask(names, wire, f"https://{NAME}:8443/in?a=1")

    (called,) = wire.called
    assert str(called.url) == f"https://{PUBLIC}:8443/in?a=1"
    assert called.headers["host"] == f"{NAME}:8443"
    assert called.extensions["sni_hostname"] == NAME


@pytest.mark.parametrize(
    "found",
    [
        [INSIDE],
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:10.0.0.5"],
        ["fe80::1"],
        ["224.0.0.1"],
        [PUBLIC, INSIDE],
        [INSIDE, PUBLIC],
        [],
    ],
)
async def test_a_name_with_an_inside_address_is_not_called_at_all(found: list[str]) -> None:
    wire = Wire()
    with pytest.raises(InsideAddressError, match="not called"):
        await ask(Names(found), wire)

    assert wire.called == []


async def test_a_name_that_changes_after_the_check_is_called_as_it_was_checked() -> None:
    names, wire = Names([PUBLIC], [INSIDE]), Wire()
    await ask(names, wire)

    assert (names.asked, wire.hosts) == (1, [PUBLIC])
    with pytest.raises(InsideAddressError):
        await ask(names, wire)
    assert wire.hosts == [PUBLIC]


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    names, wire = Names([PUBLIC, "2606:2800:220:1::1", "1.1.1.1"]), Wire(PUBLIC)
    await ask(names, wire)
    assert wire.hosts == [PUBLIC, "2606:2800:220:1::1"]

    with pytest.raises(httpx.ConnectError, match="nobody there"):
        await ask(Names([PUBLIC]), Wire(PUBLIC))


async def test_a_name_that_is_unknown_is_a_failed_connection() -> None:
    async def unknown(_host: str, _port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    async with httpx.AsyncClient(transport=Outward(resolve=unknown, inner=Wire())) as http:
        with pytest.raises(httpx.ConnectError, match=f"{NAME}: Name or service"):
            await http.post(f"https://{NAME}/in")


async def test_an_address_is_resolved_to_itself() -> None:
    assert await resolved("127.0.0.1", 80) == ["127.0.0.1"]


# Real servers -----------------------------------------------------------------------------


@asynccontextmanager
async def server(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that answers so, to whatever; its port."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    made = await asyncio.start_server(take, "127.0.0.1", 0, ssl=tls)
    try:
        yield made.sockets[0].getsockname()[1]
    finally:
        made.close()
        await made.wait_closed()


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate of a name that signs itself: for its server, and for who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    file = folder / f"{name}.pem"
    file.write_bytes(
        pem
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    serves = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serves.load_cert_chain(file)
    trusts = ssl.create_default_context(cadata=pem.decode())
    return serves, trusts


async def test_tls_is_verified_against_the_name_and_not_the_address(tmp_path: Path) -> None:
    serves, trusts = certificate(tmp_path, NAME)
    async with server(OK, serves) as port:
        names = Names(["127.0.0.1"], [INSIDE])
        async with outward_client(HERE, resolve=names, verify=trusts) as http:
            answer = await http.post(f"https://{NAME}:{port}/in")
    other, trusts = certificate(tmp_path, "other.example.cn")
    async with server(OK, other) as port:
        names = Names(["127.0.0.1"])
        async with outward_client(HERE, resolve=names, verify=trusts) as http:
            with pytest.raises(httpx.ConnectError, match=r"(?i)hostname mismatch"):
                await http.post(f"https://{NAME}:{port}/in")

    assert answer.text == "ok"


async def test_a_redirect_to_an_inside_address_is_an_answer_and_nothing_more() -> None:
    async with server(OK) as inside:
        moved = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inside}/\r\n"
        answer = f"{moved}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
        async with (
            server(answer) as port,
            outward_client(HERE, resolve=Names(["127.0.0.1"])) as http,
        ):
            found = await http.post(f"http://{NAME}:{port}/in")

    assert (found.status_code, found.history) == (302, [])


async def test_this_machine_is_not_called_where_it_is_not_named() -> None:
    async with server(OK) as port, outward_client() as http:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"):
            with pytest.raises(httpx.ConnectError, match="not called"):
                await http.post(f"http://{host}:{port}/in")


async def test_a_proxy_of_the_environment_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with server(OK.replace(b"200 OK", b"502 Bad Gateway")) as proxy, server(OK) as port:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        async with outward_client(HERE, resolve=Names(["127.0.0.1"])) as http:
            assert (await http.post(f"http://{NAME}:{port}/in")).status_code == 200
