"""A text for each of the 29 types, as the office of the tests would write it; our own words."""

from __future__ import annotations

from dataclasses import replace

from eoffice.documents.form.appendices import Appendix
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType as T
from eoffice.people.rules import Capacity
from tests.documents.cast import LETTER_960

_SIGNED = {
    "filing": "VT, VP",
    "signer_title": "Giám đốc",
    "signer_name": "Trần Thanh Liêm",
}
_PLAIN = DispatchText(
    subject="Triển khai học bạ số năm học 2018-2019",
    paragraphs=(
        "**1.** Các trường rà soát thiết bị, đường truyền và phân công người phụ trách.",
        "**2.** Phòng chuyên môn hướng dẫn, kiểm tra và tổng hợp kết quả.",
        "Trong quá trình thực hiện, nếu có vướng mắc, các đơn vị báo về Sở để được hướng dẫn./.",
    ),
    recipients=("Các phòng thuộc Sở", "Các trường THPT"),
    **_SIGNED,  # type: ignore[arg-type]
)
_ARTICLES = (
    "**Điều 1.** Thành lập Tổ công tác triển khai học bạ số gồm 05 thành viên.",
    "**Điều 2.** Tổ công tác hoạt động đến hết năm học 2018-2019.",
    "**Điều 3.** Chánh Văn phòng và các thành viên có tên tại Điều 1 chịu trách nhiệm thi hành "
    "Quyết định này./.",
)
_BASES = (
    "Căn cứ Luật Giáo dục",
    "Theo đề nghị của Trưởng phòng Tổ chức cán bộ",
)
DECISION = replace(
    _PLAIN,
    subject="Về việc thành lập Tổ công tác triển khai học bạ số",
    authority="Giám đốc Sở Giáo dục và Đào tạo Đồng Tháp",
    legal_bases=_BASES,
    paragraphs=_ARTICLES,
    recipients=("Như Điều 3", "UBND tỉnh (để báo cáo)"),
)
#: Form 1.3: the decision issues another document, which follows it.
INDIRECT = replace(
    DECISION,
    subject="Ban hành Quy chế sử dụng học bạ số",
    paragraphs=(
        "**Điều 1.** Ban hành kèm theo Quyết định này Quy chế sử dụng học bạ số.",
        "**Điều 2.** Quyết định này có hiệu lực kể từ ngày ký.",
        "**Điều 3.** Hiệu trưởng các trường chịu trách nhiệm thi hành Quyết định này./.",
    ),
    appendices=(
        Appendix(
            "Sử dụng học bạ số",
            (
                "# Chương I",
                "# QUY ĐỊNH CHUNG",
                "**Điều 1.** Phạm vi điều chỉnh",
                "Quy chế này quy định việc lập, ký, lưu học bạ số trong các trường thuộc Sở.",
                "**Điều 2.** Đối tượng áp dụng",
                "Cán bộ quản lý, giáo viên, văn thư của các trường./.",
            ),
            T.STATUTE,
        ),
        Appendix("Mẫu sổ theo dõi", ("Mỗi lớp lập một sổ theo dõi riêng.",)),
    ),
)
_PARTIES = (
    ("other_label", "Bên B"),
    ("other_name", "Nguyễn Hoàng Phúc"),
    ("other_party", "VNPT Đồng Tháp"),
    ("other_title", "Phó Giám đốc"),
    ("own_party", "Bên A"),
)
_AGREED = replace(
    _PLAIN,
    subject="Về việc cung cấp phần mềm quản lý trường học",
    paragraphs=(
        "**Bên A:** Sở Giáo dục và Đào tạo, do ông Trần Thanh Liêm, Giám đốc, làm đại diện.",
        "**Bên B:** VNPT Đồng Tháp, do ông Nguyễn Hoàng Phúc, Phó Giám đốc, làm đại diện.",
        "Hai bên thống nhất những nội dung sau:",
        "**Điều 1.** Bên B cung cấp phần mềm cho các trường trong hai năm học.",
        "**Điều 2.** Văn bản này được lập thành 04 bản có giá trị như nhau, mỗi bên giữ 02 bản./.",
    ),
    recipients=(),
    particulars=_PARTIES,
)

TEXTS: dict[T, DispatchText] = {
    **dict.fromkeys(T, _PLAIN),
    T.RESOLUTION: replace(
        DECISION,
        subject="Về chiến lược phát triển nhà trường giai đoạn 2018-2023",
        authority="Hội đồng trường",
        paragraphs=(
            "**Điều 1.** Thông qua chiến lược phát triển nhà trường.",
            "**Điều 2.** Hiệu trưởng chịu trách nhiệm thi hành Nghị quyết này./.",
        ),
        recipients=("Như Điều 2",),
        capacity=Capacity.ON_BEHALF,
        on_behalf_of="Hội đồng trường",
        signer_title="Chủ tịch",
    ),
    T.DECISION: DECISION,
    T.DISPATCH: LETTER_960,
    T.REPORT: replace(
        _PLAIN,
        subject="Kết quả triển khai học bạ số",
        addressees=("Ủy ban nhân dân tỉnh Đồng Tháp",),
        recipients=("Như trên",),
    ),
    T.SUBMISSION: replace(
        _PLAIN,
        subject="Về việc phê duyệt đề án học bạ số",
        addressees=("Ủy ban nhân dân tỉnh Đồng Tháp",),
        recipients=("Như trên",),
    ),
    T.TELEGRAM: replace(
        _PLAIN,
        subject="Về việc cho học sinh nghỉ học để tránh bão số 4",
        authority="Giám đốc Sở Giáo dục và Đào tạo",
        addressees=("Phòng GDĐT các huyện, thị xã, thành phố", "Các trường THPT"),
        paragraphs=(
            "Bão số 4 đang đi vào tỉnh. Các trường cho học sinh nghỉ học ngày 15 tháng 8 năm 2018, "
            "bảo vệ hồ sơ, thiết bị và báo cáo thiệt hại trước 17 giờ cùng ngày./.",
        ),
        recipients=("Như trên", "UBND tỉnh (để báo cáo)"),
    ),
    T.INVITATION: replace(
        _PLAIN,
        subject="Họp triển khai học bạ số",
        paragraphs=("Đề nghị đại biểu mang theo máy tính và đến đúng giờ./.",),
        recipients=("Các trường có tên trên",),
        particulars=(
            ("chair", "ông Trần Thanh Liêm, Giám đốc Sở"),
            ("event", "cuộc họp triển khai học bạ số năm học 2018-2019."),
            ("invited", "Hiệu trưởng các trường trung học phổ thông trong tỉnh."),
            ("time", "8 giờ 00, ngày 20 tháng 8 năm 2018."),
            ("venue", "Hội trường Sở Giáo dục và Đào tạo."),
        ),
    ),
    T.INTRODUCTION: replace(
        _PLAIN,
        subject="Giới thiệu ông Lê Văn Hòa đến làm việc tại VNPT Đồng Tháp",
        paragraphs=(),
        recipients=("Người được giới thiệu",),
        particulars=(
            ("errand", "trao đổi kế hoạch kết nối phần mềm quản lý trường học"),
            ("introduced", "Lê Văn Hòa, phòng Công nghệ thông tin - Thiết bị - Thư viện"),
            ("position", "Chuyên viên"),
            ("sent_to", "VNPT Đồng Tháp"),
            ("valid_until", "31 tháng 8 năm 2018"),
        ),
    ),
    T.MINUTES: replace(
        _PLAIN,
        subject="Họp triển khai học bạ số",
        paragraphs=(
            "**1.** Ông Trần Thanh Liêm nêu mục đích cuộc họp.",
            "**2.** Các trường báo cáo việc chuẩn bị; cuộc họp thống nhất thời gian triển khai.",
        ),
        recipients=("Các thành viên dự họp",),
        particulars=(
            ("began", "8 giờ 00, ngày 20 tháng 8 năm 2018"),
            ("chair", "ông Trần Thanh Liêm, Giám đốc Sở"),
            ("ended", "11 giờ 30, ngày 20 tháng 8 năm 2018"),
            ("present", "lãnh đạo các phòng thuộc Sở và hiệu trưởng các trường THPT"),
            ("secretary", "Phạm Thị Ngọc Ánh"),
            ("venue", "Hội trường Sở Giáo dục và Đào tạo"),
        ),
    ),
    T.LEAVE_PAPER: replace(
        _PLAIN,
        subject="Cấp giấy nghỉ phép cho bà Phạm Thị Ngọc Ánh",
        paragraphs=(),
        recipients=("Người được cấp giấy",),
        particulars=(
            ("counted_as", "nghỉ hằng năm có hưởng lương"),
            ("first_day", "20 tháng 8 năm 2018"),
            ("last_day", "24 tháng 8 năm 2018"),
            ("length", "05 ngày"),
            ("person", "Phạm Thị Ngọc Ánh, Văn phòng Sở"),
            ("place", "huyện Lấp Vò, tỉnh Đồng Tháp"),
            ("position", "Chuyên viên"),
            ("requested_on", "13 tháng 8 năm 2018"),
        ),
    ),
    T.CONTRACT: _AGREED,
    T.AGREEMENT: _AGREED,
    T.MEMORANDUM: _AGREED,
    T.OFFICIAL_LETTER: replace(
        _PLAIN,
        subject="Thư chúc mừng năm học mới",
        addressees=("Các thầy giáo, cô giáo và các em học sinh",),
        paragraphs=(
            "Nhân dịp năm học 2018-2019, tôi gửi tới các thầy giáo, cô giáo và các em học sinh lời "
            "chúc tốt đẹp nhất./.",
        ),
        recipients=("Như trên",),
    ),
}
