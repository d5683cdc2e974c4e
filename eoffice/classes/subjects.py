"""The subjects of schools, as they are printed in the registers.

Periods a year are those of the general education programme for grades 6 to 9; a school's own plan
may differ, so the number that counts is kept with the class and subject.
"""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.assessment.marks import SubjectKind


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject or educational activity; `code` is the name by which schools abbreviate it."""

    code: str
    name: str
    #: For the head of a narrow column.
    short_name: str
    kind: SubjectKind
    periods_per_year: int
    #: Other names under which marks sheets carry it.
    aliases: tuple[str, ...] = ()


_SCORED, _COMMENT = SubjectKind.SCORED, SubjectKind.COMMENT

#: In the order of the register.
LOWER_SECONDARY = (
    Subject("TOAN", "Toán học", "Toán", _SCORED, 140, ("Toán",)),
    Subject("VAN", "Ngữ văn", "Ngữ văn", _SCORED, 140, ("Văn",)),
    Subject("NN1", "Ngoại ngữ 1 (Tiếng Anh)", "NN 1", _SCORED, 105, ("Ngoại ngữ 1", "Tiếng Anh")),
    Subject("GDCD", "Giáo dục công dân", "GDCD", _SCORED, 35),
    Subject("LSDL", "Lịch sử và Địa lí", "LS-ĐL", _SCORED, 105, ("Lịch sử và Địa lý", "LS&ĐL")),
    Subject("KHTN", "Khoa học tự nhiên", "KHTN", _SCORED, 140),
    Subject("CN", "Công nghệ", "C.nghệ", _SCORED, 35),
    Subject("TIN", "Tin học", "Tin", _SCORED, 35, ("Tin",)),
    Subject(
        "NN2", "Ngoại ngữ 2", "NN 2", _SCORED, 105, ("Tiếng Pháp", "Tiếng Nhật", "Tiếng Trung Quốc")
    ),
    Subject("GDTC", "Giáo dục thể chất", "GDTC", _COMMENT, 70, ("Thể dục",)),
    Subject("NT", "Nghệ thuật", "N.thuật", _COMMENT, 70, ("Nghệ thuật (Âm nhạc, Mĩ thuật)",)),
    Subject(
        "GDDP", "Nội dung giáo dục của địa phương", "GDĐP", _COMMENT, 35, ("Giáo dục địa phương",)
    ),
    Subject(
        "HDTN",
        "Hoạt động trải nghiệm, hướng nghiệp",
        "HĐTN",
        _COMMENT,
        105,
        ("Hoạt động trải nghiệm", "HĐTN, HN", "HĐTNHN"),
    ),
)
#: Those of other levels and of the programme of 2006; which are taught is in the curriculum.
OTHERS = (
    Subject("TV", "Tiếng Việt", "T.Việt", _SCORED, 245),
    Subject("DD", "Đạo đức", "Đ.đức", _COMMENT, 35),
    Subject("TNXH", "Tự nhiên và Xã hội", "TN-XH", _COMMENT, 70, ("TN và XH",)),
    Subject("KH", "Khoa học", "Khoa học", _SCORED, 70),
    Subject("THCN", "Tin học và Công nghệ", "TH-CN", _SCORED, 70, ("TH và CN",)),
    Subject("AN", "Âm nhạc", "Âm nhạc", _COMMENT, 35, ("Nghệ thuật (Âm nhạc)", "Nhạc")),
    Subject("MT", "Mĩ thuật", "Mĩ thuật", _COMMENT, 35, ("Nghệ thuật (Mĩ thuật)", "Mỹ thuật")),
    Subject("VL", "Vật lí", "Vật lí", _SCORED, 70, ("Vật lý", "Lý", "Lí")),
    Subject("HH", "Hóa học", "Hóa học", _SCORED, 70, ("Hoá học", "Hóa")),
    Subject("SH", "Sinh học", "Sinh học", _SCORED, 70, ("Sinh",)),
    Subject("LS", "Lịch sử", "Lịch sử", _SCORED, 52, ("Sử",)),
    Subject("DL", "Địa lí", "Địa lí", _SCORED, 70, ("Địa lý", "Địa")),
    Subject("GDKTPL", "Giáo dục kinh tế và pháp luật", "KT-PL", _SCORED, 70, ("GDKT và PL",)),
    Subject("GDQP", "Giáo dục quốc phòng và an ninh", "QP-AN", _SCORED, 35, ("GDQP và AN",)),
)
BY_CODE = {subject.code: subject for subject in (*LOWER_SECONDARY, *OTHERS)}
