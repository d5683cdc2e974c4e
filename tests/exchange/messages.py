"""Messages for the tests: one with every field, and strategies for arbitrary ones."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from hypothesis import strategies as st

from eoffice import clock
from eoffice.exchange import files
from eoffice.exchange.message import (
    Attachment,
    Business,
    BusinessType,
    DocumentMessage,
    DocumentUpdate,
    Organ,
    OtherInfo,
    Receiver,
    Reference,
    Replacement,
    ResponseFor,
    Signer,
    Staff,
    StatusMessage,
    Trace,
    TypeCode,
)

CORPUS = Path(__file__).parents[1] / "corpus" / "edxml"
SAMPLES = sorted(CORPUS.glob("*.edxml"))

DEPARTMENT = Organ(
    "000.00.19.H20",
    "Sở Giáo dục và Đào tạo Đồng Tháp",
    "UBND tỉnh Đồng Tháp",
    "06 Võ Trường Toản, Cao Lãnh",
    "sogddt@dongthap.gov.vn",
    "0277 3851 161",
    "0277 3851 162",
    "sgddt.dongthap.gov.vn",
)
NEIGHBOUR = Organ("H41.19", "Sở Giáo dục và Đào tạo Nghệ An")
AT = datetime(2018, 8, 13, 8, 15, tzinfo=clock.VIETNAM)


def full() -> DocumentMessage:
    """Every field of the regulation holds something."""
    reference, attachment = files.packed("Công văn 960.pdf", b"%PDF-1.7 pages")
    return DocumentMessage(
        sender=DEPARTMENT,
        recipients=(NEIGHBOUR, Organ("000.00.00.G03", "Bộ Giáo dục và Đào tạo")),
        document_id="000.00.19.H20,2018/08/13,960/SGDĐT-CNTTTBTV",
        number="960",
        notation="SGDĐT-CNTTTBTV",
        place="Đồng Tháp",
        promulgated_on=date(2018, 8, 13),
        type=TypeCode("18", "0", "Công văn"),
        subject="V/v thực hiện chương trình Vnedu <ở các trường> & nơi khác",
        content="Nội dung tóm tắt",
        signer=Signer("KT. GIÁM ĐỐC", "Phó Giám đốc", "Trần Thanh Liêm"),
        due_on=date(2018, 8, 24),
        to_places=("Như trên", "Lưu VT"),
        other=OtherInfo("1", "Nội bộ ngành", "TVC", 3, 2, False, ("Phụ lục I", "Phụ lục II")),
        responses=(ResponseFor("H41.19", "12/SGDĐT", date(2018, 7, 1), "H41.19,2018/07/01,12"),),
        steering_type="2",
        traces=(Trace("000.00.00.H20", AT),),
        business=Business(
            BusinessType.UPDATE,
            "000.00.19.H20,2018/08/10,950/SGDĐT",
            "Sửa nơi nhận",
            True,
            DocumentUpdate("1", "1", (Receiver("H41.19", True), Receiver("H42.1", False))),
            (Replacement("000.00.19.H20,2018/08/10,950/SGDĐT", ("H41.19", "H42.1")),),
            Staff("Văn phòng", "Nguyễn Thị Văn Thư", "vanthu@dongthap.gov.vn", "0912000001"),
        ),
        references=(reference,),
        attachments=(attachment,),
    )


def status() -> StatusMessage:
    return StatusMessage(
        sender=NEIGHBOUR,
        response_for=ResponseFor(
            DEPARTMENT.organ_id, "960/SGDĐT-CNTTTBTV", date(2018, 8, 13), full().document_id
        ),
        status="03",
        description="Tiếp nhận, vào sổ văn bản đến",
        at=AT,
        staff=Staff("Văn phòng", "Lê Thị Tiếp Nhận", "", "0912000002"),
    )


#: What people write: any letters, without control characters and blanks around.
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=40
).map(str.strip)
_some = texts.filter(bool)
_dates = st.none() | st.dates(date(1945, 9, 2), date(2999, 12, 31))
_instants = st.none() | st.integers(0, 10**10).map(
    lambda seconds: datetime.fromtimestamp(seconds, clock.VIETNAM)
)
_organs = st.builds(Organ, _some, texts, texts, texts, texts, texts, texts, texts)
_staff = st.builds(Staff, texts, texts, texts, texts)
_numbers = st.none() | st.integers(0, 999_999_999)
_yes = st.none() | st.booleans()
_responses = st.builds(ResponseFor, texts, texts, _dates, texts)

documents = st.builds(
    DocumentMessage,
    sender=_organs,
    recipients=st.lists(_organs, max_size=3).map(tuple),
    document_id=texts,
    number=texts,
    notation=texts,
    place=texts,
    promulgated_on=_dates,
    type=st.builds(TypeCode, texts, texts, texts),
    subject=texts,
    content=texts,
    signer=st.builds(Signer, texts, texts, texts),
    due_on=_dates,
    to_places=st.lists(_some, max_size=3).map(tuple),
    other=st.builds(
        OtherInfo,
        texts,
        texts,
        texts,
        _numbers,
        _numbers,
        _yes,
        st.lists(_some, max_size=2).map(tuple),
    ),
    responses=st.lists(_responses.filter(lambda each: each != ResponseFor()), max_size=2).map(
        tuple
    ),
    steering_type=texts,
    traces=st.lists(st.builds(Trace, _some, _instants), max_size=2).map(tuple),
    business=st.none()
    | st.builds(
        Business,
        st.sampled_from(BusinessType),
        texts,
        texts,
        _yes,
        st.none()
        | st.builds(
            DocumentUpdate,
            texts,
            texts,
            st.lists(st.builds(Receiver, _some, st.booleans()), max_size=2).map(tuple),
        ),
        st.lists(
            st.builds(Replacement, texts, st.lists(_some, max_size=2).map(tuple)), max_size=2
        ).map(tuple),
        st.none() | _staff,
    ),
    references=st.lists(st.builds(Reference, texts, texts, texts, texts), max_size=2).map(tuple),
    attachments=st.lists(
        st.builds(Attachment, texts, texts, texts, texts, st.sampled_from(("", "QUJD"))),
        max_size=2,
    ).map(tuple),
)
statuses = st.builds(
    StatusMessage,
    sender=_organs,
    response_for=_responses,
    status=st.from_regex(r"[0-9]{2}", fullmatch=True),
    description=texts,
    at=_instants,
    staff=_staff,
)
