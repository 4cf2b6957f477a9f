"""The way out to units' own systems: to an address that was checked, and to no other.

The name is resolved once, every address of it is checked, and the connection goes to one of
them; there is no second look-up that could answer something else. TLS is verified against the
name. A redirect is not followed, and a proxy of the environment is not used.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence

import httpx

from domain.addresses import Network, may_all_be_called

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
SILENCE = 10.0
"""Seconds that a system may keep silent, in connecting or between two parts of its answer."""
ALONE = httpx.Limits(max_keepalive_connections=0)
"""No connection is used twice: it was verified for one name of its address, not for all."""


class InsideAddressError(httpx.ConnectError):
    """A name has an address inside that this installation does not name, or none at all."""

    def __init__(self, host: str, found: Sequence[str]) -> None:
        super().__init__(f"{host} is {', '.join(found) or 'nowhere'}: not called")


async def resolved(host: str, port: int) -> Sequence[str]:
    """All addresses of a host; those of an address are itself.

    Raises:
        OSError: There are none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Outward(httpx.AsyncBaseTransport):
    """Sends a request to a checked address of its host.

    Args:
        inside: Networks of this installation that may be called too.
        resolve: Finds the addresses of a host.
        inner: What speaks HTTP; it is given addresses only.
    """

    def __init__(
        self,
        inside: Sequence[Network] = (),
        *,
        resolve: Resolve = resolved,
        inner: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._inside, self._resolve = tuple(inside), resolve
        self._inner = inner or httpx.AsyncHTTPTransport(limits=ALONE)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it; the addresses are tried in the resolver's order.

        Raises:
            InsideAddressError: One of them must not be called, so that none is.
            httpx.ConnectError: There is none, or none answers.
        """
        host = request.url.raw_host.decode("ascii")
        try:
            found = await self._resolve(host, request.url.port or 443)
        except OSError as error:
            raise httpx.ConnectError(f"{host}: {error}", request=request) from None
        if not may_all_be_called(found, self._inside):
            raise InsideAddressError(host, found)
        for address in found[:-1]:
            try:
                return await self._inner.handle_async_request(_to(request, address, host))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_to(request, found[-1], host))

    async def aclose(self) -> None:
        """Close it."""
        await self._inner.aclose()


def _to(request: httpx.Request, address: str, host: str) -> httpx.Request:
    """The same request to one address; its `Host` and the name in TLS stay."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )


def outward_client(
    inside: Sequence[Network] = (),
    *,
    resolve: Resolve = resolved,
    verify: ssl.SSLContext | None = None,
) -> httpx.AsyncClient:
    """The client that calls units' own systems.

    Args:
        inside: Networks of this installation that may be called too.
        resolve: Finds the addresses of a host.
        verify: Which certificates are trusted; None: the usual, or those of `SSL_CERT_FILE`.
    """
    inner = httpx.AsyncHTTPTransport(verify=verify or True, limits=ALONE)
    return httpx.AsyncClient(
        transport=Outward(inside, resolve=resolve, inner=inner),
        timeout=SILENCE,
        follow_redirects=False,
        trust_env=False,
    )
