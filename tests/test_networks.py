"""Calls whose target others have named lead out of this network, or where the operator allows."""

from __future__ import annotations

import pytest

from eoffice.networks import Inside, addresses, is_public


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),  # noqa: S104 -- refused, not bound
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:a00:1::", False),
        ("not an address", False),
    ],
)
def test_only_addresses_outside_of_this_network_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_a_host_of_this_network_is_resolved_only_where_it_was_named() -> None:
    assert addresses("127.0.0.1", 80, inside={"127.0.0.1"}) == ("127.0.0.1",)
    with pytest.raises(Inside):
        addresses("127.0.0.1", 80, inside=frozenset())
    with pytest.raises(Inside):
        addresses("localhost", 80, inside={"127.0.0.1"})


@pytest.mark.parametrize("name", ["a..b", "x" * 64, "khong-co.invalid"])
def test_what_is_no_name_is_an_error_of_the_network(name: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011 -- the system's own words
        addresses(name, 80, inside=frozenset())
