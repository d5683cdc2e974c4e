"""Style sheets, scripts and fonts: read once, served under an address that names their content.

All files share one version, a hash over all of them, so that a style sheet names its fonts and a
module its neighbours by relative address. A new version has new addresses; browsers keep the old
ones for ever and never ask again.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from litestar import Response, get
from litestar.params import FromPath

from eoffice.errors import NotFound
from eoffice.web.principal import Request

KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
    ".png": "image/png",
    ".ico": "image/x-icon",
}
_COMPRESSIBLE = frozenset({".css", ".js", ".svg", ".txt"})


@dataclass(frozen=True, slots=True)
class Asset:
    kind: str
    body: bytes
    gzipped: bytes | None


@dataclass(frozen=True, slots=True)
class Assets:
    version: str
    files: dict[str, Asset]

    @classmethod
    def load(cls, folder: Path) -> Assets:
        """Every file of a known kind below `folder`."""
        files: dict[str, Asset] = {}
        digest = hashlib.sha256()
        for path in sorted(p for p in folder.rglob("*") if p.suffix in KINDS):
            body = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            digest.update(name.encode() + b"\0" + hashlib.sha256(body).digest())
            gzipped = gzip.compress(body, mtime=0) if path.suffix in _COMPRESSIBLE else None
            files[name] = Asset(KINDS[path.suffix], body, gzipped)
        return cls(digest.hexdigest()[:12], files)

    def url(self, name: str) -> str:
        """The address of a file. Raises KeyError for a name that does not exist."""
        if name not in self.files:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"


@get("/static/{version:str}/{name:path}", opt={"public": True}, include_in_schema=False)
async def static_file(
    request: Request, version: FromPath[str], name: FromPath[str]
) -> Response[bytes]:
    assets: Assets = request.app.state["site"].assets
    asset = assets.files.get(name.lstrip("/"))
    if asset is None:
        raise NotFound("Không có tệp này.")
    # An old page asks for an old version: it gets the present file, but must ask again next time.
    current = version == assets.version
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if current else "no-cache",
        "Vary": "Accept-Encoding",
    }
    body = asset.body
    if asset.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        body = asset.gzipped
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type=asset.kind, headers=headers)
