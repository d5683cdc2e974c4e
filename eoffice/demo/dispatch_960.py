"""Dispatch 960/SGDĐT-CNTTTBTV of 13 August 2018, as the story drafts it.

Subject, references, figures, signer and recipients are those of the public letter; the body says
in our own words what it asks for. The letter prints 93,1 % for 40 of 43 schools where the quotient
is 93,02 %: the form check warns of it, and the first version of the story keeps it for that reason.
"""

from __future__ import annotations

NUMBER_BEFORE = 959
NUMBER = 960
NOTATION = "960/SGDĐT-CNTTTBTV"
#: By when the recipients of the story are to have done it; the letter itself names no day.
DUE_ON = "2018-09-07"

SUBJECT = (
    "thực hiện chương trình Vnedu ở các trường phổ thông và tăng cường quản lý, điều hành "
    "giáo dục từ năm học 2018-2019"
)

#: Until when the recipients are to have done it; the story looks back a week later.
DUE_ON = "2018-09-10"

#: What the head of the office writes when the first version goes back.
RETURNED_BECAUSE = (
    "Tỉ lệ 40/43 trường THPT phải là 93,02%, không phải 93,1%. Đề nghị tính lại, và ghi rõ việc "
    "đính kèm Công văn 611/CV-TTKD.DTP."
)

_SHARE_PRINTED = "93,1%"
_SHARE_RIGHT = "93,02%"


def text(*, corrected: bool) -> dict[str, object]:
    """The content of the draft, in the JSON form of the interface."""
    share = _SHARE_RIGHT if corrected else _SHARE_PRINTED
    attached = " (đính kèm Công văn 611/CV-TTKD.DTP của VNPT Đồng Tháp)" if corrected else ""
    return {
        "subject": SUBJECT,
        "addressees": [
            "Trưởng phòng Phòng GDĐT huyện, thị xã, thành phố",
            "Hiệu trưởng các trường THPT",
        ],
        "paragraphs": [
            "Tiếp tục Công văn số 199/UBND-VX ngày 03 tháng 8 năm 2015 của Ủy ban nhân dân tỉnh "
            "Đồng Tháp về việc triển khai đại trà chương trình Vnedu cho các trường phổ thông; theo "
            "đề nghị tại Công văn số 599/CV-TTKD.DTP ngày 08 tháng 8 năm 2018 của Trung tâm Kinh "
            "doanh VNPT - Đồng Tháp, Sở Giáo dục và Đào tạo (GDĐT) thông báo kết quả ba năm sử dụng "
            "và hướng dẫn các đơn vị thực hiện trong năm học mới.",
            "Sau ba năm, **Vnedu** đã được dùng ổn định trong quản lý, điều hành: sổ liên lạc điện "
            "tử, thống kê số liệu, số hóa hồ sơ; giáo viên bớt được sổ sách để dành thời gian cho "
            "chuyên môn, cán bộ quản lý và cha mẹ học sinh đồng tình.",
            "Năm học 2017-2018 có 40/43 trường THPT "
            f"(_đạt tỉ lệ {share}_), 126/141 trường THCS (_đạt tỉ lệ 89,36%_) và 40/314 trường tiểu "
            "học (_đạt tỉ lệ 12,7%_) sử dụng phần mềm.",
            "Sở GDĐT yêu cầu các đơn vị thực hiện những nội dung sau:",
            "**1.** Tất cả trường THCS, THPT sử dụng **Vnedu** để cập nhật thông tin học sinh vào cơ "
            "sở dữ liệu tập trung do Sở GDĐT và Phòng GDĐT làm chủ, làm căn cứ thống kê, phân tích "
            "và hoạch định. Trường tiểu học, mầm non tích cực sử dụng để theo dõi việc học tập, rèn "
            "luyện và chăm sóc sức khỏe học sinh.",
            "**2.** Các trường phổ thông vận động cha mẹ học sinh tham gia _Sổ liên lạc điện tử_ trên "
            "tinh thần tự nguyện (_60.000 đồng/học sinh/năm học_). Nơi cha mẹ học sinh không tham "
            "gia, hiệu trưởng vẫn bảo đảm thông báo đầy đủ kết quả học tập và rèn luyện theo tháng, "
            "học kỳ, năm học theo quy định của Bộ GDĐT.",
            "**3.** Các trường phổ thông tin học hóa hồ sơ quản lý của nhà trường và hồ sơ chuyên môn "
            "của giáo viên khi sử dụng **Vnedu**.",
            "**4.** Thử nghiệm phần mềm văn phòng điện tử (**VNPT-iOffice**) từ Sở GDĐT đến các "
            "trường THPT và các đơn vị trực thuộc Phòng GDĐT thành phố Cao Lãnh.",
            "Thủ trưởng các đơn vị nghiêm túc tổ chức thực hiện"
            f"{attached}. Nếu có vướng mắc, đề nghị báo về Sở GDĐT (Phòng Công nghệ thông tin - Thiết "
            "bị - Thư viện, điện thoại 0277.3876375) để được hướng dẫn, giải quyết./.",
        ],
        "recipients": ["Như trên", "VNPT Đồng Tháp (để phối hợp)"],
        "filing": "VT, VH",
        "copies": "07b",
        "signer_title": "Giám đốc",
        "signer_name": "Trần Thanh Liêm",
    }


#: The file that goes with it: what dispatch 611/CV-TTKD.DTP of the provider says, in short.
ATTACHMENT_NAME = "Thông tin Công văn 611-CV-TTKD.DTP.pdf"

#: The dispatch with which one school answers.
ANSWER_SUBJECT = "báo cáo kết quả triển khai Vnedu và đăng ký thử nghiệm VNPT-iOffice"


def answer_text(principal_name: str) -> dict[str, object]:
    """The content of the answering dispatch."""
    return {
        "subject": ANSWER_SUBJECT,
        "addressees": ["Sở Giáo dục và Đào tạo Đồng Tháp"],
        "paragraphs": [
            f"Thực hiện Công văn số {NOTATION} ngày 13 tháng 8 năm 2018 của Sở Giáo dục và Đào tạo "
            "Đồng Tháp, nhà trường báo cáo như sau:",
            "**1.** Nhà trường đã cập nhật thông tin của toàn bộ học sinh lên Vnedu và phân công một "
            "phó hiệu trưởng phụ trách.",
            "**2.** Nhà trường đăng ký tham gia thử nghiệm VNPT-iOffice từ tháng 9 năm 2018.",
            "Nhà trường kính báo cáo Sở Giáo dục và Đào tạo./.",
        ],
        "recipients": ["Như trên"],
        "filing": "VT",
        "signer_title": "Hiệu trưởng",
        "signer_name": principal_name,
    }
