"""The dispatch of August 2018 that the tests of this folder share, in our own words."""

from __future__ import annotations

from eoffice.documents.form.findings import Draft
from eoffice.documents.form.letterhead import Letterhead
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType

DONG_THAP = Letterhead(
    parent_name="UBND tỉnh Đồng Tháp",
    agency_name="Sở Giáo dục và Đào tạo",
    agency_notation="SGDĐT",
    place="Đồng Tháp",
)

LETTER_960 = DispatchText(
    subject="thực hiện chương trình Vnedu ở các trường phổ thông và tăng cường quản lý, điều hành "
    "giáo dục từ năm học 2018-2019",
    addressees=(
        "Trưởng phòng Phòng GDĐT huyện, thị xã, thành phố",
        "Hiệu trưởng các trường THPT",
    ),
    paragraphs=(
        (
            "Thực hiện Công văn số 199/UBND-VX ngày 03 tháng 8 năm 2015 của UBND tỉnh Đồng Tháp về "
            "việc triển khai chương trình **Vnedu** cho các trường phổ thông; xét Công văn số "
            "599/CV-TTKD.DTP ngày 08 tháng 8 năm 2018 của Trung tâm kinh doanh VNPT - Đồng Tháp về "
            "việc khai thác phần mềm, Sở Giáo dục và Đào tạo nhận thấy sau ba năm phần mềm đã giúp "
            "nhà trường báo tin cho cha mẹ học sinh kịp thời, thống kê nhanh và bớt sổ sách giấy."
        ),
        (
            "Năm học 2017-2018, số trường tham gia ở từng cấp học: trung học phổ thông 40/43 "
            "(_đạt tỉ lệ 93,1%_), trung học cơ sở 126/141 (_đạt tỉ lệ 89,36%_), tiểu học 40/314 "
            "(_đạt tỉ lệ 12,7%_)."
        ),
        "Từ năm học 2018-2019, Sở yêu cầu các đơn vị thực hiện những việc sau:",
        (
            "**1.** Các trường trung học cơ sở và trung học phổ thông nhập đủ thông tin học sinh "
            "vào cơ sở dữ liệu chung của ngành; trường tiểu học, mầm non từng bước tham gia."
        ),
        (
            "**2.** Vận động cha mẹ học sinh tự nguyện dùng _sổ liên lạc điện tử_; gia đình không "
            "dùng vẫn được nhà trường thông báo đầy đủ kết quả học tập và rèn luyện cuối mỗi tháng."
        ),
        "**3.** Đưa hồ sơ quản lý của nhà trường và hồ sơ chuyên môn của giáo viên lên phần mềm.",
        (
            "**4.** Dùng thử văn phòng điện tử từ Sở đến trường trung học phổ thông và các đơn vị "
            "thuộc Phòng GDĐT thành phố Cao Lãnh."
        ),
        (
            "Đề nghị thủ trưởng các đơn vị tổ chức thực hiện (_kèm theo thông tin Công văn số "
            "611/CV-TTKD.DTP ngày 10 tháng 8 năm 2018 của VNPT Đồng Tháp về việc hỗ trợ kỹ thuật_)."
            " Vướng mắc xin báo về Sở (phòng Công nghệ thông tin - Thiết bị - Thư viện, điện thoại"
            " 0277.3876375) để được hướng dẫn./."
        ),
    ),
    recipients=("Như trên", "VNPT Đồng Tháp (để phối hợp)"),
    filing="VT, VH",
    copies="07b",
    signer_title="Giám đốc",
    signer_name="Trần Thanh Liêm",
)

DRAFT_960 = Draft(DocumentType.DISPATCH, LETTER_960, DONG_THAP, "CNTTTBTV", attachment_count=1)
