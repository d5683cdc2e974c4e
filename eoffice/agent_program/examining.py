"""Whether what the office asks to sign is what it shows. Pure.

The owner signs attributes (RFC 5652, 5.3), not the file: whoever could slip in other attributes
would have another thing signed. So nothing is signed but exactly the attributes of a PAdES
signature over the file that was fetched and hashed here, with the certificate of this token.
"""

from __future__ import annotations

import hashlib
from typing import Final

from asn1crypto import cms
from asn1crypto.tsp import SigningCertificateV2

#: Everything a PAdES baseline signature of the office holds (EN 319 142-1, 6.3); nothing else is
#: signed, whatever it may mean.
KNOWN: Final = frozenset(
    {"content_type", "message_digest", "signing_certificate_v2", "cms_algorithm_protection"}
)
_NEEDED: Final = frozenset({"content_type", "message_digest", "signing_certificate_v2"})
_HASHES: Final = ("sha256", "sha384", "sha512")


class NotWhatItSays(Exception):
    """The request is not for the file that came with it: a sentence for the owner."""


def require_same(
    *,
    file: bytes,
    sha256: str,
    place: tuple[int, int],
    mechanism: str,
    document_digest: bytes,
    signed_attributes: bytes,
    certificate: bytes,
    own_certificate: bytes,
) -> None:
    """All that must hold before a token signs `signed_attributes`. Raises NotWhatItSays."""
    digest = mechanism.rpartition("-")[2]
    if digest not in _HASHES:
        raise NotWhatItSays("Yêu cầu dùng thuật toán mà chương trình không ký.")
    if hashlib.sha256(file).hexdigest() != sha256:
        raise NotWhatItSays("Tệp tải về không phải tệp mà yêu cầu nêu.")
    if certificate != own_certificate:
        raise NotWhatItSays("Yêu cầu dành cho chứng thư số khác với thiết bị đang cắm.")
    _require_place(file, place)
    start, end = place
    hashed = hashlib.new(digest, file[:start] + file[end:]).digest()
    if hashed != document_digest:
        raise NotWhatItSays("Giá trị băm của tệp không khớp với yêu cầu.")
    _require_attributes(signed_attributes, hashed, own_certificate)


def _require_place(file: bytes, place: tuple[int, int]) -> None:
    """The only bytes that are not signed are an empty place: "<", zeros, ">"."""
    start, end = place
    if not 0 < start < end <= len(file):
        raise NotWhatItSays("Chỗ dành cho chữ ký nằm ngoài tệp.")
    hole = file[start:end]
    if hole[:1] != b"<" or hole[-1:] != b">" or hole.strip(b"<>").strip(b"0"):
        raise NotWhatItSays("Chỗ dành cho chữ ký không trống: có phần của tệp sẽ không được ký.")
    if len(hole) > 64 * 1024:
        raise NotWhatItSays("Chỗ dành cho chữ ký lớn bất thường.")


def _require_attributes(encoded: bytes, hashed: bytes, certificate: bytes) -> None:
    try:
        attributes = cms.CMSAttributes.load(encoded, strict=True)
        found = {one["type"].native: one["values"] for one in attributes}
        if len(found) != len(attributes) or not _NEEDED <= found.keys() <= KNOWN:
            raise NotWhatItSays("Yêu cầu ký có thuộc tính lạ hoặc thiếu thuộc tính.")
        if attributes.dump(force=True) != encoded:
            raise NotWhatItSays("Thuộc tính cần ký không được mã hóa đúng chuẩn.")
        if any(len(values) != 1 for values in found.values()):
            raise NotWhatItSays("Một thuộc tính cần ký có nhiều giá trị.")
        if found["content_type"][0].native != "data":
            raise NotWhatItSays("Yêu cầu ký thứ không phải văn bản.")
        if found["message_digest"][0].native != hashed:
            raise NotWhatItSays("Giá trị băm trong yêu cầu không phải của tệp này.")
        named = found["signing_certificate_v2"][0]["certs"]
        if len(named) != 1:
            raise NotWhatItSays("Yêu cầu nêu nhiều chứng thư số.")
        if not isinstance(found["signing_certificate_v2"][0], SigningCertificateV2):
            raise NotWhatItSays("Yêu cầu nêu chứng thư số bằng cách lạ.")
        name = named[0]["hash_algorithm"]["algorithm"].native
        if name not in _HASHES or (
            named[0]["cert_hash"].native != hashlib.new(name, certificate).digest()
        ):
            raise NotWhatItSays("Yêu cầu nêu chứng thư số khác với thiết bị đang cắm.")
    except (ValueError, TypeError, KeyError, IndexError) as failure:
        raise NotWhatItSays("Yêu cầu ký không đọc được.") from failure
