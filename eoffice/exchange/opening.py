"""From the row of a peer to its gateway, with the secrets read at that moment."""

from __future__ import annotations

from pathlib import Path

from eoffice import named_secrets
from eoffice.exchange.axis_gateway import AxisGateway
from eoffice.exchange.folder_gateway import FolderGateway
from eoffice.exchange.gateway import Gateway
from eoffice.exchange.http_gateway import HttpGateway
from eoffice.exchange.mapping import Codes
from eoffice.exchange.model import GatewayKind, Peer


def gateway(peer: Peer, codes: Codes, *, our_organ_id: str) -> Gateway:
    """`our_organ_id`: who we are where the peer's row does not say it. Raises SecretMissing."""
    ours = peer.system_id or our_organ_id
    match peer.gateway:
        case GatewayKind.FOLDER:
            return FolderGateway(Path(peer.address), ours=ours, theirs=peer.organ_id)
        case GatewayKind.HTTP:
            token = named_secrets.read(peer.outgoing_secret)
            return HttpGateway(peer.address, organ_id=ours, token=token)
        case GatewayKind.AXIS:
            secret = named_secrets.read(peer.outgoing_secret)
            return AxisGateway(peer.address, system_id=ours, secret=secret, classify=codes.answer)
