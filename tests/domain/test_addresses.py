"""Which addresses may be called: the public ones, and inside ones only where they are named."""

from ipaddress import ip_network

import pytest

from domain.addresses import may_all_be_called, may_be_called

PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:2800:220:1::1", "::ffff:93.184.216.34"]
INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "::1",
    "fd12::1",
    "2001:db8::1",
    "2001::1",
    "2002:7f00:1::",
    "::127.0.0.1",
    "64:ff9b:1::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
]
NEVER = [
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%2",
    "fec0::1",
    "224.0.0.1",
    "239.255.255.250",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
    "0.0.0.0",  # noqa: S104  an address to refuse
    "::",
]
EVERYTHING = (ip_network("0.0.0.0/0"), ip_network("::/0"))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called(address: str) -> None:
    assert may_be_called(address)


@pytest.mark.parametrize("address", INSIDE)
def test_an_inside_address_may_be_called_only_where_it_is_named(address: str) -> None:
    assert not may_be_called(address)
    assert may_be_called(address, EVERYTHING)


@pytest.mark.parametrize("address", NEVER)
def test_link_local_multicast_reserved_and_metadata_are_never_called(address: str) -> None:
    assert not may_be_called(address)
    assert not may_be_called(address, EVERYTHING)


def test_what_is_named_opens_itself_and_nothing_beside_it() -> None:
    named = (ip_network("10.20.0.0/16"),)

    assert may_be_called("10.20.7.7", named)
    assert may_be_called("::ffff:10.20.7.7", named)
    assert not may_be_called("10.21.0.1", named)
    assert not may_be_called("127.0.0.1", named)


def test_one_inside_address_of_a_name_is_enough_to_refuse_it() -> None:
    assert may_all_be_called(["93.184.216.34", "1.1.1.1"])
    assert not may_all_be_called(["93.184.216.34", "10.0.0.1"])
    assert not may_all_be_called([])


def test_what_is_no_address_is_no_answer() -> None:
    with pytest.raises(ValueError, match=r"oa\.example\.cn"):
        may_be_called("oa.example.cn")
