"""XML of schools is signed as a whole (XAdES baseline), and only what was signed is read: whatever
is changed, moved, wrapped or hidden, the verdict is not "intact" and no content is handed out.
"""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from eoffice import clock
from eoffice.embedded.pki import KeyKind, Pki, Subject
from eoffice.signing import xades
from eoffice.signing.keys.contract import WrongKey
from eoffice.signing.mechanisms import RsaScheme
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Indication, Level, TimeSource
from eoffice.signing.xades import XADES, NotSignableXml
from eoffice.signing.xades_bounded import verify_xml_bounded
from eoffice.signing.xades_verification import Signed, evidence_for, verify_xml
from eoffice.signing.xml_dsig import DS
from tests import dss
from tests import pki as cast
from tests.signing import papers

#: Prefixes, defaults and undeclared defaults, comments, instructions, attributes of XML itself.
DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet href="so.xsl"?>
<hs:so_diem xmlns:hs="urn:so" xmlns="urn:diem" xmlns:q="urn:khac" xml:lang="vi">
  <hs:em ma="01">Nguyễn Văn An &amp; em<!-- ghi chú --></hs:em>
  <diem q:mon="Toán">9.5</diem><ghi xmlns="">không <b/> có</ghi>
</hs:so_diem>
<!-- hết -->""".encode()
P_384 = Subject("p-384", "Nguyễn Văn Tư", "Trường", cast.PIN, key=KeyKind.P_384)
KEYS = {
    "RSA, PSS": (cast.DIRECTOR, RsaScheme.PSS, "sha256"),
    "RSA, PKCS#1": (cast.DIRECTOR, RsaScheme.PKCS1, "sha512"),
    "P-256": (cast.TEACHER, RsaScheme.PSS, "sha256"),
    "P-384": (P_384, RsaScheme.PSS, "sha384"),
}
_D, _X = f"{{{DS}}}", f"{{{XADES}}}"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with cast.trust_services(tmp_path_factory.mktemp("pki"), P_384) as served:
        yield served


@pytest.fixture(scope="module")
def trust(pki: Pki) -> TrustStore:
    return papers.trust(pki)


@pytest.fixture(scope="module", autouse=True)
def in_2018(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with cast.office_clock(tmp_path_factory.mktemp("clock") / "clock.json", papers.SIGNED_AT):
        yield


@pytest.fixture(scope="module")
def signed(pki: Pki) -> bytes:
    return sign(pki, cast.DIRECTOR)


def sign(
    pki: Pki,
    who: Subject,
    document: bytes = DOCUMENT,
    *,
    scheme: RsaScheme = RsaScheme.PSS,
    digest: str = "sha256",
    stamped: bool = True,
) -> bytes:
    store = cast.key_store(pki, who)
    prepared = xades.prepare(
        document,
        identity=store.identity(),
        capacity="Hiệu trưởng",
        unit=who.organization,
        signed_at=clock.now(),
        scheme=scheme,
        digest=digest,
    )
    with store.open(cast.PIN) as key:
        value = key.sign(prepared.to_sign, prepared.mechanism)
    return xades.finish(prepared, value, timestamp_url=pki.timestamp_url if stamped else None)


def verified(document: bytes, trust: TrustStore, at: datetime | None = None) -> Signed:
    return verify_xml(document, trust=trust, at=at or clock.now(), online=True)


def changed(document: bytes, change: Callable[[etree._Element], etree._Element | None]) -> bytes:
    """The document after a change of its tree; a change may return another root."""
    root = etree.fromstring(document)
    other = change(root)
    return etree.tostring((root if other is None else other).getroottree())


def signature_in(root: etree._Element) -> etree._Element:
    found = root.find(f".//{_D}Signature")
    assert found is not None
    return found


@pytest.mark.parametrize("name", KEYS)
def test_what_was_signed_is_intact_and_says_who_signed(
    pki: Pki, trust: TrustStore, name: str
) -> None:
    who, scheme, digest = KEYS[name]
    found = verified(sign(pki, who, scheme=scheme, digest=digest), trust)
    (one,) = found.verdict.signatures
    assert found.verdict.verdict is Finding.INTACT, found.verdict
    assert (one.signer, one.capacity, one.unit) == (
        who.common_name,
        "Hiệu trưởng",
        who.organization,
    )
    assert (one.level, one.time_source) == (Level.B_T, TimeSource.TIMESTAMP)


def test_without_a_time_stamp_the_time_is_the_signers_word(pki: Pki, trust: TrustStore) -> None:
    (one,) = verified(sign(pki, cast.DIRECTOR, stamped=False), trust).verdict.signatures
    assert (one.level, one.time_source) == (Level.B_B, TimeSource.CLAIMED)
    assert one.signed_at is not None
    assert abs((one.signed_at - papers.SIGNED_AT).total_seconds()) < 600
    assert one.warnings


def test_what_is_read_on_is_the_document_without_signature_and_comments(
    signed: bytes, trust: TrustStore
) -> None:
    content = verified(signed, trust).content
    assert content is not None
    assert content == etree.tostring(
        etree.fromstring(DOCUMENT).getroottree(), method="c14n", with_comments=False
    )


@pytest.fixture(scope="module")
def lasting(signed: bytes, trust: TrustStore) -> bytes:
    """With what the authorities say of its certificates."""
    told = evidence_for(signed, trust=trust, at=clock.now())
    return xades.with_evidence(signed, told)


@pytest.fixture(scope="module")
def files(
    pki: Pki, signed: bytes, lasting: bytes, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    directory = tmp_path_factory.mktemp("xml")
    made = {
        f"{name}, {level}": sign(pki, who, scheme=scheme, digest=digest, stamped=level == "T")
        for name, (who, scheme, digest) in KEYS.items()
        for level in "BT"
    }
    made["changed"] = signed.replace(b"9.5", b"9.6")
    made["RSA, PSS, LT"] = lasting
    found: dict[str, Path] = {}
    for name, content in made.items():
        found[name] = directory / f"{len(found)}.xml"
        found[name].write_bytes(content)
    return found


def test_dss_finds_the_same(files: dict[str, Path], pki: Pki) -> None:
    try:
        said = dss.judge(list(files.values()), pki.trust_directory)
    except dss.DssMissing as missing:
        pytest.skip(f"EU DSS: {missing}")
    for name, file in files.items():
        (one,) = said[file].signatures
        is_good = name != "changed"
        assert one.is_intact is is_good, name
        assert one.is_valid is is_good, name
        assert one.has_right_structure
        assert one.is_trusted
        assert all(stamp.is_intact and stamp.is_of_this for stamp in said[file].stamps)
        if is_good:
            assert one.level == f"XAdES-BASELINE-{name.rpartition(' ')[2]}"


# What somebody changes


def mark(root: etree._Element) -> None:
    root[1].text = "10"


def move_below_a_forged_root(root: etree._Element) -> etree._Element:
    forged = etree.fromstring(DOCUMENT)
    forged[1].text = "10"
    forged.append(root)
    return forged


def lift_the_signature(root: etree._Element) -> etree._Element:
    """The signed document is kept where nobody reads, the signature stands below another one."""
    forged = etree.fromstring(DOCUMENT)
    forged[1].text = "10"
    signature = signature_in(root)
    forged.append(signature)
    etree.SubElement(signature, f"{_D}Object").append(root)
    return forged


def refer_to_a_part(root: etree._Element) -> None:
    root[0].set("Id", "em")
    reference = signature_in(root).find(f".//{_D}Reference")
    assert reference is not None
    reference.set("URI", "#em")


def hide_in_an_object(root: etree._Element) -> None:
    hidden = etree.SubElement(signature_in(root), f"{_D}Object")
    etree.SubElement(hidden, "{urn:diem}diem").text = "10"


def hide_in_the_unsigned_properties(root: etree._Element) -> None:
    unsigned = root.find(f".//{_X}UnsignedSignatureProperties")
    assert unsigned is not None
    etree.SubElement(unsigned, "{urn:diem}diem").text = "10"


def hide_behind_the_key(root: etree._Element) -> None:
    info = signature_in(root).find(f"{_D}KeyInfo")
    assert info is not None
    etree.SubElement(info, "{urn:diem}diem").text = "10"


def sign_twice(root: etree._Element) -> None:
    root.append(copy.deepcopy(signature_in(root)))


def put_other_properties_first(root: etree._Element) -> None:
    """Two elements of one name: one reader checks the first, another reads the second."""
    qualifying = root.find(f".//{_X}QualifyingProperties")
    assert qualifying is not None
    forged = copy.deepcopy(qualifying[0])
    time = forged.find(f".//{_X}SigningTime")
    assert time is not None
    time.text = "2001-01-01T00:00:00Z"
    qualifying.insert(0, forged)


def name_a_part_as_the_properties(root: etree._Element) -> None:
    root[0].set("id", "signed-properties")


def claim_another_time(root: etree._Element) -> None:
    time = root.find(f".//{_X}SigningTime")
    assert time is not None
    time.text = "2001-01-01T00:00:00Z"


def claim_another_capacity(root: etree._Element) -> None:
    role = root.find(f".//{_X}ClaimedRole")
    assert role is not None
    role.text = "Ký với tư cách: Giám đốc Sở · Cơ quan: Sở"


def leave_the_properties_out(root: etree._Element) -> None:
    info = signature_in(root)[0]
    info.remove(info[-1])


def cut_a_part_off(root: etree._Element) -> None:
    """An XPath transform would let anything be left out of the digest."""
    listed = root.find(f".//{_D}Transforms")
    assert listed is not None
    added = etree.SubElement(
        listed, f"{_D}Transform", Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"
    )
    etree.SubElement(added, f"{_D}XPath").text = "not(self::diem)"


def ask_for_the_exclusive_form(root: etree._Element) -> None:
    form = root.find(f".//{_D}CanonicalizationMethod")
    assert form is not None
    form.set("Algorithm", "http://www.w3.org/2001/10/xml-exc-c14n#")


def add_an_instruction(root: etree._Element) -> None:
    root.addprevious(etree.ProcessingInstruction("khac", "x"))


def stamp_something_else(root: etree._Element) -> None:
    value = signature_in(root)[1]
    value.set("Id", "another")


CHANGES = (
    mark,
    move_below_a_forged_root,
    lift_the_signature,
    refer_to_a_part,
    hide_in_an_object,
    hide_in_the_unsigned_properties,
    hide_behind_the_key,
    sign_twice,
    put_other_properties_first,
    name_a_part_as_the_properties,
    claim_another_time,
    claim_another_capacity,
    leave_the_properties_out,
    cut_a_part_off,
    ask_for_the_exclusive_form,
    add_an_instruction,
    stamp_something_else,
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_or_a_wrapping_is_found(
    signed: bytes, trust: TrustStore, change: Callable[[etree._Element], etree._Element | None]
) -> None:
    found = verified(changed(signed, change), trust)
    assert found.verdict.verdict in (Finding.CHANGED, Finding.INVALID), found.verdict
    assert found.content is None


def test_comments_may_come_and_go_for_they_were_never_signed(
    signed: bytes, trust: TrustStore
) -> None:
    found = verified(signed.replace(b"9.5", b"9.<!-- -->5"), trust)
    assert found.verdict.verdict is Finding.INTACT
    assert found.content is not None
    assert b">9.5<" in found.content


def test_the_word_for_a_changed_content_is_changed(signed: bytes, trust: TrustStore) -> None:
    found = verified(changed(signed, mark), trust).verdict
    assert (found.verdict, found.signatures[0].indication) == (
        Finding.CHANGED,
        Indication.HASH_FAILURE,
    )


def test_the_certificate_must_be_the_one_that_was_named(
    pki: Pki, signed: bytes, trust: TrustStore
) -> None:
    """Another certificate of the same key could say another name."""

    def exchange(root: etree._Element) -> None:
        data = root.find(f".//{_D}X509Certificate")
        other = etree.fromstring(sign(pki, cast.SEAL)).find(f".//{_D}X509Certificate")
        assert data is not None
        assert other is not None
        data.text = other.text

    assert verified(changed(signed, exchange), trust).verdict.verdict is Finding.INVALID


@pytest.mark.parametrize(
    ("who", "wanted", "indication"),
    [
        (cast.REVOKED, Finding.INVALID, Indication.REVOKED),
        (cast.EXPIRED, Finding.INVALID, Indication.EXPIRED),
        (cast.STRANGER, Finding.UNVERIFIABLE, Indication.NO_CHAIN),
    ],
    ids=lambda value: getattr(value, "label", None),
)
def test_the_certificate_is_judged_at_the_proven_time(
    pki: Pki, trust: TrustStore, who: Subject, wanted: Finding, indication: Indication
) -> None:
    found = verified(sign(pki, who), trust)
    assert (found.verdict.verdict, found.verdict.signatures[0].indication) == (wanted, indication)
    assert found.content is None


def test_nobody_is_asked_unless_that_is_wanted(signed: bytes, trust: TrustStore) -> None:
    found = verify_xml(signed, trust=trust, at=clock.now())
    assert found.verdict.signatures[0].indication is Indication.TRY_LATER


def test_with_the_word_of_the_authorities_nobody_has_to_be_asked(
    signed: bytes, lasting: bytes, trust: TrustStore
) -> None:
    found = verify_xml(lasting, trust=trust, at=clock.now())
    assert found.verdict.verdict is Finding.INTACT, found.verdict.reason
    assert found.verdict.signatures[0].level is Level.B_LT
    assert found.content == verified(signed, trust).content

    root = etree.fromstring(lasting)
    for values in root.iter(f"{_X}RevocationValues"):
        for value in values.iter(f"{_X}EncapsulatedOCSPValue", f"{_X}EncapsulatedCRLValue"):
            value.text = base64.b64encode(base64.b64decode(value.text or "")[:-1] + b"!").decode()
    forged = verify_xml(etree.tostring(root.getroottree()), trust=trust, at=clock.now())
    assert forged.verdict.signatures[0].indication is Indication.TRY_LATER
    assert forged.content is None


def test_a_child_with_limits_says_the_same_and_ends_where_a_file_takes_too_much(
    lasting: bytes, trust: TrustStore
) -> None:
    at = clock.now()
    alone = verify_xml(lasting, trust=trust, at=at)
    bounded = verify_xml_bounded(lasting, trust=trust, at=at)
    assert bounded.content == alone.content
    assert bounded.verdict.verdict is Finding.INTACT
    assert bounded.verdict.reason == alone.verdict.reason
    wide = b"<a>" + b"<b/>" * 8_000_000 + b"</a>"
    found = verify_xml_bounded(wide, trust=trust, at=at, memory_mib=400)
    assert found.verdict.verdict is Finding.UNVERIFIABLE
    assert found.content is None


def test_more_answers_than_any_signature_needs_are_not_read(
    lasting: bytes, trust: TrustStore
) -> None:
    root = etree.fromstring(lasting)
    (values,) = root.iter(f"{_X}CertificateValues")
    for _ in range(41):
        values.append(copy.deepcopy(values[0]))
    found = verify_xml(etree.tostring(root.getroottree()), trust=trust, at=clock.now())
    assert "quá nhiều dữ liệu thu hồi" in found.verdict.reason


@pytest.mark.parametrize(
    ("document", "wanted"),
    [
        (DOCUMENT, Finding.UNSIGNED),
        (b"", Finding.UNVERIFIABLE),
        (b"%PDF-1.7", Finding.UNVERIFIABLE),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', Finding.UNVERIFIABLE),
        (f'<a><Signature xmlns="{DS}"/></a>'.encode(), Finding.INVALID),
        (f'<Signature xmlns="{DS}"/>'.encode(), Finding.INVALID),
    ],
)
def test_whatever_comes_has_a_verdict(trust: TrustStore, document: bytes, wanted: Finding) -> None:
    assert verified(document, trust).verdict.verdict is wanted


def test_no_single_damaged_byte_of_a_signature_is_overlooked(
    signed: bytes, trust: TrustStore
) -> None:
    start = signed.index(b"<ds:SignedInfo")
    end = signed.index(b"</ds:SignatureValue>")
    for place in range(start, end, 37):
        damaged = bytearray(signed)
        damaged[place] = ord("A") if damaged[place] != ord("A") else ord("B")
        assert verified(bytes(damaged), trust).content is None, place


@pytest.mark.parametrize("document", [b"<a>", b"", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'])
def test_what_is_no_plain_xml_is_not_signed(pki: Pki, document: bytes) -> None:
    with pytest.raises(NotSignableXml):
        sign(pki, cast.DIRECTOR, document)


def test_what_is_signed_is_not_signed_again(pki: Pki, signed: bytes) -> None:
    with pytest.raises(NotSignableXml):
        sign(pki, cast.DIRECTOR, signed)


def test_a_value_of_another_key_is_not_written(pki: Pki) -> None:
    store = cast.key_store(pki, cast.DIRECTOR)
    prepared = xades.prepare(
        DOCUMENT,
        identity=store.identity(),
        capacity="Hiệu trưởng",
        unit="Trường",
        signed_at=datetime(2018, 8, 13, tzinfo=UTC),
    )
    with cast.key_store(pki, cast.SEAL).open(cast.PIN) as key:
        value = key.sign(prepared.to_sign, prepared.mechanism)
    with pytest.raises(WrongKey):
        xades.finish(prepared, value, timestamp_url=None)
