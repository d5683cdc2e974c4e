"""A service of the Cloud Signature Consortium: the dummy server of its field, with keys of ours.

What it leaves out is added: it asks for a PIN, and for a bearer token that it gives out itself.
"""

from __future__ import annotations

import asyncio
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from asn1crypto import keys, x509
from certomancer.registry import CertomancerConfig
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from csc_dummy.csc_dummy_server import (  # type: ignore[import-untyped]
    CSCWithCertomancer,
    DummyServiceParams,
)

from eoffice.signing.keys.services import Provider

CLIENT, SECRET = "office", "a client's secret"


@dataclass
class Service:
    """What the test may look at and change."""

    pin: str
    #: PKCS#12 files by credential.
    files: Mapping[str, Path]
    address: str = ""
    #: How often each method was called.
    calls: dict[str, int] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    is_silent: bool = False
    is_locked: bool = False
    is_enabled: bool = True

    @property
    def declared(self) -> Provider:
        """As an operator declares it; its secret is named CSC."""
        return Provider(
            name="csc",
            kind="csc",
            address=self.address,
            client_id=CLIENT,
            secret="CSC",
            token_address=f"{self.address}/oauth2/token",
        )


@dataclass(frozen=True)
class _Held:
    """A key and its certificates, where the server looks for an architecture of its own."""

    label: str
    service: Service
    key: Any
    certificates: tuple[Any, ...]

    @property
    def subject_key(self) -> str:
        return self.label

    @property
    def key_set(self) -> _Held:
        return self

    def get_private_key(self, _label: str) -> Any:
        return self.key

    def is_subject_key_available(self, _label: str) -> bool:
        return self.service.is_enabled

    def get_cert(self, label: str) -> Any:
        return self.certificates[0 if label == self.label else int(label)]

    def get_chain(self, _label: str) -> list[str]:
        return [str(place) for place in range(1, len(self.certificates))]


class _Server(CSCWithCertomancer):  # type: ignore[misc]
    """The dummy with the keys of the test."""

    held: Mapping[str, _Held]

    def _parse_credential_id(self, cred_id: str) -> tuple[_Held, _Held]:
        if cred_id not in self.held:
            raise web.HTTPNotFound
        return self.held[cred_id], self.held[cred_id]


def _held(label: str, file: Path, service: Service) -> _Held:
    key, own, chain = pkcs12.load_key_and_certificates(file.read_bytes(), service.pin.encode())
    assert key is not None
    assert own is not None
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return _Held(
        label,
        service,
        keys.PrivateKeyInfo.load(der),
        tuple(x509.Certificate.load(each.public_bytes(Encoding.DER)) for each in (own, *chain)),
    )


def _refused(status: int, error: str, words: str) -> web.Response:
    return web.json_response({"error": error, "error_description": words}, status=status)


def _application(service: Service) -> web.Application:
    @web.middleware
    async def watched(request: web.Request, handler: Any) -> Any:
        method = request.path.removeprefix("/csc/v1/")
        service.calls[method] = service.calls.get(method, 0) + 1
        if service.is_silent and request.transport is not None:
            request.transport.close()
        if method == "oauth2/token":
            return await handler(request)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if bearer not in service.tokens:
            return _refused(401, "invalid_token", "The bearer token is not good")
        if method == "credentials/authorize":
            if service.is_locked:
                return _refused(400, "invalid_pin", "PIN locked")
            if (await request.json()).get("PIN") != service.pin:
                return _refused(400, "invalid_request", "Invalid parameter PIN")
        return await handler(request)

    async def grant(request: web.Request) -> web.Response:
        form = await request.post()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return _refused(401, "invalid_client", "Unknown client")
        token = f"token-{service.calls['oauth2/token']}"
        service.tokens = {token}
        return web.json_response({"access_token": token, "expires_in": 3600})

    with warnings.catch_warnings():
        # It keeps its settings under plain names, as applications of its age do.
        warnings.simplefilter("ignore", web.NotAppKeyWarning)
        server = _Server(
            CertomancerConfig({"pki-architectures": {}, "keysets": {}}, ".", lazy_load_keys=True),
            service_params=DummyServiceParams(hash_pinning_required=True),
        )
    server.held = {label: _held(label, file, service) for label, file in service.files.items()}
    server.app.middlewares.append(watched)
    server.register_routes()
    server.app.router.add_post("/csc/v1/oauth2/token", grant)
    application: web.Application = server.app
    return application


@contextmanager
def served(service: Service) -> Iterator[Service]:
    """The service on loopback, in a thread of its own; its address is in `service`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> web.AppRunner:
        runner = web.AppRunner(_application(service))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner

    runner = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    host, port = runner.addresses[0]
    service.address = f"http://{host}:{port}/csc/v1"
    try:
        yield service
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
