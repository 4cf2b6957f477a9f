"""Which addresses may be called: public ones, and inside ones that the installation names."""

from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(map(ip_network, text.split()))


PUBLIC = _networks("0.0.0.0/0 2000::/3")
INSIDE = _networks(
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24"
    " 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24"
    " 2001::/23 2001:db8::/32 2002::/16 3fff::/20"
)
"""What IANA's registries of special addresses keep from the public ones."""
NEVER = _networks(
    "0.0.0.0/32 169.254.0.0/16 224.0.0.0/4 240.0.0.0/4 100.100.100.200/32 168.63.129.16/32"
    " 192.0.0.192/32 ::/128 fe80::/10 fec0::/10 ff00::/8 fd00:ec2::254/128"
)
"""Link-local, multicast, reserved, and the clouds' own: nobody's system, whatever is named."""
CARRIERS = _networks("::ffff:0:0/96 64:ff9b::/96")
"""IPv6 addresses that stand for the IPv4 address in their last four bytes."""


def may_be_called(text: str, inside: Iterable[Network] = ()) -> bool:
    """Whether an address, as a resolver gives it, may be called.

    Args:
        text: An IPv4 or IPv6 address; an IPv4 address within an IPv6 one is judged as itself.
        inside: Networks of this installation that may be called too.

    Raises:
        ValueError: It is no address.
    """
    address = _itself(ip_address(text))
    if _in(address, NEVER):
        return False
    public = _in(address, PUBLIC) and not _in(address, INSIDE)
    return public or _in(address, inside)


def may_all_be_called(found: Sequence[str], inside: Iterable[Network] = ()) -> bool:
    """Whether a name may be called: it has addresses, and each of them may be called."""
    named = tuple(inside)
    return bool(found) and all(may_be_called(one, named) for one in found)


def _itself(address: Address) -> Address:
    if _in(address, CARRIERS):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in one for one in networks)  # never in one of the other version
