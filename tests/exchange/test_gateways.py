"""Every gateway hands over once, hands out until it is acknowledged, and tells what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from eoffice.exchange import mapping
from eoffice.exchange.axis_gateway import AxisGateway
from eoffice.exchange.folder_gateway import FolderGateway
from eoffice.exchange.gateway import Gateway, GatewayRefused, GatewayUnavailable, Parcel, Told
from eoffice.exchange.http_gateway import HttpGateway
from eoffice.exchange.mapping import Codes
from tests.exchange import servers
from tests.exchange.servers import AxisSpeaker, OfficeSpeaker, Remote

CODES = Codes(mapping.beginnings())


@dataclass(frozen=True)
class Side:
    """A gateway of ours, and the world on its other side."""

    gateway: Gateway
    has: Callable[[], dict[str, bytes]]
    leave: Callable[[str, bytes], None]


@contextmanager
def folder(directory: Path) -> Iterator[Side]:
    theirs = FolderGateway(directory, ours="H41.19", theirs="000.00.19.H20")

    def leave(message_id: str, content: bytes) -> None:
        theirs.send(Parcel(message_id, content))

    yield Side(
        FolderGateway(directory, ours="000.00.19.H20", theirs="H41.19"),
        lambda: {each.message_id: each.content for each in theirs.fetch()},
        leave,
    )


def http_gateway(remote: Remote, token: str = servers.TOKEN) -> HttpGateway:
    return HttpGateway(remote.url, organ_id="000.00.19.H20", token=token, timeout_s=0.5)


def axis_gateway(remote: Remote, secret: str = servers.SECRET) -> AxisGateway:
    return AxisGateway(
        remote.url, system_id="H20.TEST", secret=secret, classify=CODES.answer, timeout_s=0.5
    )


@contextmanager
def http(directory: Path) -> Iterator[Side]:
    with servers.serving(OfficeSpeaker) as remote:
        yield Side(http_gateway(remote), lambda: dict(remote.received), remote.waiting.__setitem__)


@contextmanager
def axis(directory: Path) -> Iterator[Side]:
    with servers.serving(AxisSpeaker) as remote:
        yield Side(axis_gateway(remote), lambda: dict(remote.received), remote.waiting.__setitem__)


@pytest.fixture(params=[folder, http, axis], ids=["folder", "http", "axis"])
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    with request.param(tmp_path) as made:
        yield made


def test_what_is_sent_is_there(side: Side) -> None:
    side.gateway.send(Parcel("m-1", b"<one/>"))

    assert side.has() == {"m-1": b"<one/>"}


def test_what_is_sent_twice_is_there_once(side: Side) -> None:
    for _ in range(2):
        side.gateway.send(Parcel("m-1", b"<one/>"))

    assert side.has() == {"m-1": b"<one/>"}


def test_nothing_to_fetch_is_nothing(side: Side) -> None:
    assert list(side.gateway.fetch()) == []


def test_what_waits_is_fetched_again_until_it_is_acknowledged(side: Side) -> None:
    side.leave("a-1", b"<a/>")
    side.leave("a-2", b"<b/>")

    first = list(side.gateway.fetch())
    side.gateway.acknowledge("a-1")
    second = list(side.gateway.fetch())

    assert [(each.message_id, each.content) for each in first] == [
        ("a-1", b"<a/>"),
        ("a-2", b"<b/>"),
    ]
    assert [each.message_id for each in second] == ["a-2"]


def test_acknowledging_twice_or_something_unknown_is_harmless(side: Side) -> None:
    side.leave("a-1", b"<a/>")

    for name in ("a-1", "a-1", "never-seen"):
        side.gateway.acknowledge(name)

    assert list(side.gateway.fetch()) == []


def test_a_status_reaches_the_other_side(side: Side) -> None:
    side.gateway.tell(Told(Parcel("s-1", b"<status/>"), "", "03"))

    assert side.has() == {"s-1": b"<status/>"}


# --- Faults of the network -------------------------------------------------------------------


@pytest.fixture(params=["http", "axis"])
def remote(request: pytest.FixtureRequest) -> Iterator[tuple[Gateway, Remote]]:
    if request.param == "http":
        with servers.serving(OfficeSpeaker) as made:
            yield http_gateway(made), made
    else:
        with servers.serving(AxisSpeaker) as made:
            yield axis_gateway(made), made


@pytest.mark.parametrize("fault", ["500", "slow", "lost"])
def test_a_failed_attempt_is_repeated_and_nothing_is_doubled(
    remote: tuple[Gateway, Remote], fault: str
) -> None:
    """Also where the answer was lost after the message had been taken."""
    gateway, other = remote
    other.faults.append(fault)

    with pytest.raises(GatewayUnavailable):
        gateway.send(Parcel("m-1", b"<one/>"))
    gateway.send(Parcel("m-1", b"<one/>"))

    assert other.received == {"m-1": b"<one/>"}


@pytest.mark.parametrize("fault", ["500", "slow", "lost", "garbage", "redirect"])
def test_a_list_that_cannot_be_had_is_said_to_be_unavailable(
    remote: tuple[Gateway, Remote], fault: str
) -> None:
    gateway, other = remote
    other.waiting["a-1"] = b"<a/>"
    other.faults.append(fault)

    with pytest.raises(GatewayUnavailable):
        gateway.fetch()

    assert [each.message_id for each in gateway.fetch()] == ["a-1"]


def test_nobody_there_is_unavailable() -> None:
    gateway = HttpGateway("http://127.0.0.1:9", organ_id="x", token="t", timeout_s=0.5)

    with pytest.raises(GatewayUnavailable):
        gateway.send(Parcel("m-1", b"<one/>"))


def test_a_redirection_is_not_followed_with_the_secret(remote: tuple[Gateway, Remote]) -> None:
    gateway, other = remote
    other.faults.append("redirect")

    with pytest.raises((GatewayRefused, GatewayUnavailable)):
        gateway.send(Parcel("m-1", b"<one/>"))

    assert other.received == {}
    assert len(other.requests) == 1


def test_a_refusal_names_neither_token_nor_secret() -> None:
    with servers.serving(OfficeSpeaker) as office, servers.serving(AxisSpeaker) as hub:
        for gateway in (http_gateway(office, "wrong-token"), axis_gateway(hub, "wrong-secret")):
            with pytest.raises((GatewayRefused, GatewayUnavailable)) as refused:
                gateway.send(Parcel("m-1", b"<one/>"))
            assert "wrong-" not in str(refused.value)


# --- What only the axis does -----------------------------------------------------------------


@pytest.mark.parametrize("code", [18, 19, 20, 21, 22, 23])
def test_codes_of_the_axis_that_ask_for_another_attempt(code: int) -> None:
    with servers.serving(AxisSpeaker) as hub:
        hub.faults.append(f"code:{code}")

        with pytest.raises(GatewayUnavailable, match=str(code)):
            axis_gateway(hub).send(Parcel("m-1", b"<one/>"))


@pytest.mark.parametrize("code", [10, 15])
def test_codes_of_the_axis_that_are_final(code: int) -> None:
    with servers.serving(AxisSpeaker) as hub:
        hub.faults.append(f"code:{code}")

        with pytest.raises(GatewayRefused, match="không nhận"):
            axis_gateway(hub).send(Parcel("m-1", b"<one/>"))


def test_the_status_of_a_document_from_the_axis_goes_by_its_own_call() -> None:
    with servers.serving(AxisSpeaker) as hub:
        for _ in range(2):
            axis_gateway(hub).tell(Told(Parcel("s-1", b"<status/>"), "AXIS-7", "03"))

        assert hub.statuses == [("AXIS-7", "03")]
        assert hub.received == {}


# --- What only a folder does -----------------------------------------------------------------


def test_a_message_that_was_taken_is_not_put_there_again(tmp_path: Path) -> None:
    ours = FolderGateway(tmp_path, ours="a", theirs="b")
    theirs = FolderGateway(tmp_path, ours="b", theirs="a")
    ours.send(Parcel("m-1", b"<one/>"))
    theirs.acknowledge("m-1")

    ours.send(Parcel("m-1", b"<one/>"))

    assert list(theirs.fetch()) == []


def test_half_a_file_and_links_are_not_messages(tmp_path: Path) -> None:
    gateway = FolderGateway(tmp_path, ours="a", theirs="b")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / ".m-1.edxml.7.part").write_bytes(b"<ha")
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "a" / "m-2.edxml").symlink_to(tmp_path / "secret")

    assert list(gateway.fetch()) == []


@pytest.mark.parametrize("message_id", ["../../etc/passwd", "a/b", "", ".hidden"])
def test_an_identifier_cannot_leave_the_folder(tmp_path: Path, message_id: str) -> None:
    with pytest.raises(GatewayRefused):
        FolderGateway(tmp_path, ours="a", theirs="b").send(Parcel(message_id, b"<x/>"))


def test_two_identifiers_never_share_a_folder(tmp_path: Path) -> None:
    FolderGateway(tmp_path, ours="x", theirs="a/b").send(Parcel("m-1", b"<x/>"))

    assert list(FolderGateway(tmp_path, ours="a_b", theirs="x").fetch()) == []
