"""A browser is told how much is new: encrypted for it alone, as the person chose, until it is gone.

RFC 8030 (what a push service takes), 8291 (only the browser reads it), 8292 (who sends it). The
push service here is a real server on this machine, and the browser decrypts as the RFC says.
"""

from __future__ import annotations

import base64
import json
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from py_vapid import Vapid02
from sqlalchemy import select

from eoffice import clock, settings
from eoffice.alerts import push, push_actions, push_rules, tasks
from eoffice.alerts.push_model import PushDevice
from eoffice.alerts.push_rules import DeviceWrong
from eoffice.alerts.rules import TooMany
from eoffice.alerts.states import Timing
from eoffice.db import system_transaction, transaction
from eoffice.outbox import Promise, PromiseState
from eoffice.web.principal import Principal
from tests.alerts.conftest import World
from tests.conftest import AT, Office


class Browser:
    """Has the half of the key that reads."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)
        self.point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )

    def reads(self, body: bytes) -> dict[str, str]:
        """RFC 8291, section 3.4, and RFC 8188, section 2: one record."""
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.private.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        )
        info = b"WebPush: info\x00" + self.point + sender
        secret = self._derived(shared, self.auth, info, 32)
        key = self._derived(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = self._derived(secret, salt, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain.rstrip(b"\x00").endswith(b"\x02")
        found: dict[str, str] = json.loads(plain.rstrip(b"\x00")[:-1])
        return found

    @staticmethod
    def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
        return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


@dataclass
class PushService:
    """What the maker of a browser runs: takes messages for it."""

    url: str = ""
    status: int = 201
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def service(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    found = PushService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            found.headers.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(found.status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/push/7Fq"
    monkeypatch.setenv("EOFFICE_WEBHOOK_HOSTS", "127.0.0.1")
    settings.settings.cache_clear()
    push.ensure_key(settings.settings().var)
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def subscribed(
    who: Principal, service: PushService, browser: Browser, timing: Timing = Timing.AT_ONCE
) -> UUID:
    device = push_rules.checked(
        service.url,
        push_rules.base64url(browser.point),
        push_rules.base64url(browser.auth),
        "Máy phòng văn thư",
        inside=["127.0.0.1"],
    )
    with transaction(who.acting) as session:
        return push_actions.add_device(session, device, timing, by=who, at=clock.now())


def device(device_id: UUID) -> PushDevice:
    with system_transaction() as session:
        row = session.get_one(PushDevice, device_id)
        session.expunge_all()
        return row


def test_what_is_pushed_says_how_much_and_nothing_of_what(
    world: World, service: PushService
) -> None:
    browser = Browser()
    device_id = subscribed(world.cast.high_school_clerk, service, browser)
    delivery = world.deliver()

    tasks.look()
    world.work()
    tasks.look()
    world.work()

    (body,) = service.bodies
    assert browser.reads(body) == {
        "title": "Văn phòng điện tử",
        "body": "Có 1 việc mới",
        "path": f"/incoming/deliveries/{delivery}",
    }
    assert device(device_id).reached_at is not None


def test_the_service_is_told_who_sends_and_how_long_it_matters(
    world: World, service: PushService
) -> None:
    subscribed(world.cast.high_school_clerk, service, Browser())
    world.deliver()
    tasks.look()
    world.work()

    (headers,) = service.headers
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["ttl"] == "86400"
    assert Vapid02.verify(headers["authorization"])
    token = headers["authorization"].split("t=")[1].split(",")[0].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    assert claims["aud"] == service.url.removesuffix("/push/7Fq")
    assert claims["sub"].startswith("mailto:")


def test_the_morning_message_comes_once_on_a_working_day(
    world: World, service: PushService
) -> None:
    browser = Browser()
    subscribed(world.cast.high_school_clerk, service, browser, Timing.DAILY)
    world.deliver()
    world.set_clock(AT.replace(hour=1) + timedelta(days=1))
    for _ in range(2):
        tasks.look()
        world.work()

    (body,) = service.bodies
    assert browser.reads(body)["body"] == "1 việc đang chờ bạn"


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_at_which_nobody_listens_is_ended(
    world: World, service: PushService, status: int
) -> None:
    device_id = subscribed(world.cast.high_school_clerk, service, Browser())
    service.status = status
    world.deliver()
    tasks.look()
    world.work()

    ended = device(device_id)
    assert ended.is_gone
    assert ended.ended_at is not None
    with system_transaction() as session:
        states = session.scalars(select(Promise.state).where(Promise.task == "alerts.push_news"))
        assert states.all() == [PromiseState.KEPT]


def test_a_service_that_is_down_is_asked_again(world: World, service: PushService) -> None:
    browser = Browser()
    subscribed(world.cast.high_school_clerk, service, browser)
    service.status = 503
    world.deliver()
    tasks.look()
    world.work()
    service.status = 201
    world.set_clock(AT + timedelta(minutes=1))
    world.work()

    assert len(service.bodies) == 2
    assert service.bodies[0] != service.bodies[1]
    assert browser.reads(service.bodies[1])["body"] == "Có 1 việc mới"


def test_a_device_that_was_taken_off_gets_nothing(world: World, service: PushService) -> None:
    clerk = world.cast.high_school_clerk
    device_id = subscribed(clerk, service, Browser())
    world.deliver()
    tasks.look()
    with transaction(clerk.acting) as session:
        push_actions.end_device(session, device_id, by=clerk, at=clock.now())
    world.work()

    assert service.bodies == []


def test_a_browser_that_changes_hands_tells_nobody_of_the_other(
    world: World, service: PushService
) -> None:
    browser = Browser()
    first = subscribed(world.cast.high_school_clerk, service, browser)

    second = subscribed(world.cast.high_school_principal, service, browser)

    assert device(first).ended_at is not None
    assert device(second).ended_at is None


def test_nobody_ends_or_changes_the_device_of_somebody_else(
    world: World, service: PushService
) -> None:
    device_id = subscribed(world.cast.high_school_clerk, service, Browser())
    other = world.cast.high_school_principal
    with (
        pytest.raises(push_actions.DeviceUnknown),
        transaction(other.acting) as session,
    ):
        push_actions.end_device(session, device_id, by=other, at=clock.now())


def test_a_person_has_a_bounded_number_of_devices(world: World, service: PushService) -> None:
    who = world.cast.high_school_clerk
    address = service.url
    for place in range(push_rules.MOST_DEVICES):
        service.url = f"{address}/{place}"
        subscribed(who, service, Browser())
    service.url = f"{address}/more"
    with pytest.raises(TooMany):
        subscribed(who, service, Browser())


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.vn/x",
        "https://127.0.0.1/x",
        "https://10.0.0.7/x",
        "https://localhost/x",
        "https://user@push.example.vn/x",
        "ftp://push.example.vn/x",
        "",
    ],
)
def test_an_endpoint_is_encrypted_and_leads_out_of_this_network(endpoint: str) -> None:
    browser = Browser()
    with pytest.raises(DeviceWrong):
        push_rules.checked(
            endpoint,
            push_rules.base64url(browser.point),
            push_rules.base64url(browser.auth),
            "",
            inside=[],
        )


@pytest.mark.parametrize(
    ("key", "auth"),
    [(b"", b"a" * 16), (b"\x04" + b"\x01" * 64, b"a" * 16), (None, b"short"), (None, b"")],
)
def test_keys_that_are_none_are_refused(key: bytes | None, auth: bytes) -> None:
    point = Browser().point if key is None else key
    with pytest.raises(DeviceWrong):
        push_rules.checked(
            "https://push.example.vn/x",
            push_rules.base64url(point),
            push_rules.base64url(auth),
            "",
            inside=[],
        )


def test_the_key_of_this_machine_is_made_once_and_for_its_owner_only(
    office: Office, tmp_path: Path
) -> None:
    push.ensure_key(tmp_path)
    file = tmp_path / "secrets" / push_rules.SECRET_NAME
    first = file.read_text(encoding="ascii")
    push.ensure_key(tmp_path)

    assert file.read_text(encoding="ascii") == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    known = push.sender()
    assert known is not None
    assert len(base64.urlsafe_b64decode(known.public_key + "=")) == 65


def test_without_a_key_nothing_is_pushed_and_the_page_says_so(world: World) -> None:
    assert push.sender() is None
    world.enter(world.cast.high_school_clerk)
    page = world.client.get("/account/alerts").text
    assert "chưa có khóa gửi thông báo" in page


def test_the_page_takes_what_the_browser_says(world: World, service: PushService) -> None:
    world.enter(world.cast.high_school_clerk)
    browser = Browser()
    known = push.sender()
    assert known is not None
    assert f'data-push="{known.public_key}"' in world.client.get("/account/alerts").text

    done = world.post(
        "/account/alerts/devices",
        {
            "endpoint": service.url,
            "public_key": push_rules.base64url(browser.point),
            "auth_secret": push_rules.base64url(browser.auth),
            "device_name": "Máy phòng văn thư",
            "device_timing": "daily",
        },
        on="/account/alerts",
    )

    assert done.status_code == 303, done.text
    shown = world.client.get("/account/alerts").text
    assert "Máy phòng văn thư" in shown
    assert "một lần vào đầu mỗi ngày làm việc" in shown


def test_the_worker_script_is_of_this_host_and_below_the_root(world: World) -> None:
    answer = world.client.get("/push-worker.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "worker-src 'self'" in answer.headers["content-security-policy"]
    assert "showNotification" in answer.text
