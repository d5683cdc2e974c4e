"""A small dispatch for the tests of signatures: real fields, real signatures, no database."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import typst

from eoffice import clock
from eoffice.embedded.pki import Pki, Subject
from eoffice.printing import pdf_fields
from eoffice.printing.pdf_fields import Kind, Placeholder
from eoffice.printing.typesetting import FONTS
from eoffice.signing import pades
from eoffice.signing.appearance import Appearance, Handwriting, Seal
from eoffice.signing.lasting import make_lasting
from eoffice.signing.mechanisms import RsaScheme
from eoffice.signing.pades import Purpose
from eoffice.signing.trust import TrustStore
from tests import pki as cast

#: The day of dispatch 960, 08:15 in Vietnam.
SIGNED_AT = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)
#: Somebody opens the file again.
READ_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

DEPARTMENT = "Sở Giáo dục và Đào tạo Đồng Tháp"
NUMBER = {
    "number_notation": "960/SGDĐT-CNTTTBTV",
    "issued_on": "Đồng Tháp, ngày 13 tháng 8 năm 2018",
}

_PAGE = """
#set document(title: "Công văn", date: datetime(year: 2018, month: 8, day: 13))
#set page(width: 210mm, height: 297mm)
#set text(font: "Tinos", lang: "vi", size: 13pt)
Số: #h(160pt) Về việc khảo sát ứng dụng công nghệ thông tin
#v(40pt)
Kính gửi các Phòng Giáo dục và Đào tạo, các trường Trung học phổ thông.
"""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One dispatch at each step of its life."""

    plain: bytes
    certified: bytes
    numbered: bytes
    sealed: bytes
    archived: bytes


@cache
def plain() -> bytes:
    """PDF/A-2b with empty fields for number, date, two signatures and a third one."""
    page = typst.compile(
        _PAGE.encode(),
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)]),
        format="pdf",
        pdf_standards="a-2b",
        timestamp=int(SIGNED_AT.timestamp()),
    )
    return pdf_fields.add_fields(
        page,
        [
            Placeholder("number_notation", Kind.TEXT, 1, 100, 70, 150, 16, size=13),
            Placeholder("issued_on", Kind.TEXT, 1, 300, 100, 240, 16, size=13),
            Placeholder("signature_person", Kind.SIGNATURE, 1, 330, 500, 142, 68),
            Placeholder("signature_seal", Kind.SIGNATURE, 1, 275, 490, 102, 102),
            Placeholder("signature_extra", Kind.SIGNATURE, 1, 60, 490, 102, 60),
            Placeholder("closing_seal", Kind.SIGNATURE, 1, 60, 600, 102, 102, closes=True),
        ],
    )


def trust(pki: Pki) -> TrustStore:
    return TrustStore.from_directory(pki.trust_directory)


def sign(
    pki: Pki,
    pdf: bytes,
    field: str,
    who: Subject,
    *,
    purpose: Purpose = Purpose.APPROVE,
    appearance: Appearance | None = None,
    capacity: str = "Giám đốc",
    scheme: RsaScheme = RsaScheme.PSS,
    digest: str | None = None,
    stamped: bool = True,
) -> bytes:
    """All three steps of one signature, at the office clock."""
    store = cast.key_store(pki, who)
    file = io.BytesIO(pdf)
    prepared = pades.prepare(
        file,
        field=field,
        identity=store.identity(),
        purpose=purpose,
        capacity=capacity,
        unit=who.organization,
        signed_at=clock.now(),
        appearance=appearance,
        scheme=scheme,
        digest=digest,
    )
    with store.open(cast.PIN) as key:
        value = key.sign(prepared.signed_attributes, prepared.mechanism)
    pades.finish(file, prepared, value, timestamp_url=pki.timestamp_url if stamped else None)
    return file.getvalue()


def certify(pki: Pki, pdf: bytes) -> bytes:
    return sign(
        pki,
        pdf,
        "signature_person",
        cast.DIRECTOR,
        purpose=Purpose.CERTIFY,
        appearance=Handwriting(cast.DIRECTOR.common_name),
        capacity="Giám đốc",
    )


def seal(pki: Pki, pdf: bytes) -> bytes:
    return sign(
        pki,
        pdf,
        "signature_seal",
        cast.SEAL,
        purpose=Purpose.SEAL,
        appearance=Seal("Sở Giáo dục và Đào tạo", "Ủy ban nhân dân tỉnh Đồng Tháp", SIGNED_AT),
        capacity="Con dấu cơ quan",
    )


def fill(pdf: bytes, values: Mapping[str, str] = NUMBER) -> bytes:
    return pdf_fields.fill(pdf, values)


def archive(pki: Pki, pdf: bytes) -> bytes:
    file = io.BytesIO(pdf)
    make_lasting(file, trust=trust(pki), timestamp_url=pki.timestamp_url, at=clock.now())
    return file.getvalue()


def whole_life(pki: Pki) -> Dispatch:
    """Certified, numbered, sealed and archived, at the office clock."""
    certified = certify(pki, plain())
    numbered = fill(certified)
    sealed = seal(pki, numbered)
    return Dispatch(plain(), certified, numbered, sealed, archive(pki, sealed))
