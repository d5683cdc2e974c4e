"""Trust services for one machine: a certificate authority, OCSP, CRLs and a time-stamp authority.

They stand in for the services of the Government Cipher Committee and of the licensed public
authorities, so that the demo and the tests sign with real keys, real revocation data and real
time-stamps without a network. They follow the office clock (`eoffice.clock`), so a whole life of a
document can be played. Nothing here is fit to be trusted by anybody else: the keys of the
authority lie beside those of its subscribers.

- `issue`    keys, certificates and PKCS#12 files on disk
- `answers`  OCSP responses, CRLs and time-stamp tokens as bytes
- `server`   the same over HTTP; `python -m eoffice.embedded.pki DIRECTORY` serves it
"""

from __future__ import annotations

from eoffice.embedded.pki.issue import KeyKind, Pki, Subject, load, materialise
from eoffice.embedded.pki.server import serve

__all__ = ["KeyKind", "Pki", "Subject", "load", "materialise", "serve"]
