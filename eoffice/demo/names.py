"""Vietnamese names out of a seed: the same seed gives the same people in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator

FAMILY = (
    "Nguyễn Trần Lê Phạm Huỳnh Phan Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Trương Đoàn Mai Lâm Châu Cao"
).split()
FEMALE_MIDDLE = "Thị Ngọc Thanh Kim Mỹ Bích Thu Hồng Tuyết Cẩm Diễm Phương".split()
MALE_MIDDLE = "Văn Hữu Minh Quốc Thành Đức Công Hoàng Trọng Phước Tấn Gia".split()
FEMALE_GIVEN = (
    "An Anh Ánh Châu Chi Dung Duyên Giang Hà Hân Hạnh Hiền Hoa Hương Huyền Lan Linh Loan Mai My "
    "Nga Ngân Nhi Nhung Như Oanh Phượng Quyên Tâm Thảo Thơ Thủy Tiên Trang Trinh Tú Uyên Vân Vy Yến"
).split()
MALE_GIVEN = (
    "An Ân Bảo Bình Cường Danh Đạt Đông Dũng Duy Hải Hào Hậu Hiếu Hòa Huy Hưng Khải Khang Khánh "
    "Khoa Kiên Lâm Lộc Long Luân Nam Nghĩa Nhân Phát Phong Phú Phúc Quân Quang Sang Sơn Tài Tân "
    "Thắng Thịnh Tiến Toàn Trí Trung Tuấn Vinh Vũ"
).split()

#: People and places after whom schools in the Mekong delta are named.
SCHOOL_NAMES = (
    "Nguyễn Huệ,Lê Lợi,Trần Hưng Đạo,Ngô Quyền,Lý Thường Kiệt,Đinh Tiên Hoàng,Quang Trung,"
    "Nguyễn Trãi,Lê Quý Đôn,Nguyễn Du,Nguyễn Đình Chiểu,Phan Bội Châu,Phan Châu Trinh,"
    "Nguyễn Thị Minh Khai,Võ Thị Sáu,Trần Quốc Toản,Nguyễn Trung Trực,Trương Định,Thiên Hộ Dương,"
    "Đốc Binh Kiều,Nguyễn Sinh Sắc,Phạm Hữu Lầu,Lê Thánh Tông,Chu Văn An,Hùng Vương,Nguyễn Bỉnh Khiêm,"
    "Mạc Đĩnh Chi,Bùi Thị Xuân,Kim Đồng,Lê Văn Tám,Nguyễn Viết Xuân,Tôn Đức Thắng,Nguyễn Văn Cừ,"
    "Lê Hồng Phong,Hoàng Diệu,Trần Phú,Hoàng Hoa Thám,Phan Đình Phùng,Lương Thế Vinh,Nguyễn Khuyến,"
    "Tân Phú,Mỹ Hiệp,Long Hưng,An Phong,Phú Thành,Tân Thành,Bình Thạnh,Mỹ Quý,Hòa Long,Vĩnh Thới,"
    "Tân Dương,Phong Hòa,Định An,Hội An Đông,Mỹ An Hưng,Long Khánh,Thường Phước,Tân Hộ Cơ,Phú Cường,"
    "An Long,Phú Đức,Tràm Chim,Thanh Mỹ,Đốc Binh,Trường Xuân,Hưng Thạnh,Mỹ Đông,Láng Biển,Tân Kiều,"
    "Gáo Giồng,Phương Thịnh,Ba Sao,Nhị Mỹ,Mỹ Thọ,Bình Hàng,Mỹ Long,Mỹ Xương,Tịnh Thới,Hòa An,Tân Thuận"
).split(",")


def people(seed: str) -> Iterator[tuple[str, bool]]:
    """Endless (full name, is female) pairs; no full name twice in one run."""
    dice = random.Random(seed)  # noqa: S311 -- names of a demo, not a secret
    used: set[str] = set()
    while True:
        female = dice.random() < 0.5
        middle, given = (FEMALE_MIDDLE, FEMALE_GIVEN) if female else (MALE_MIDDLE, MALE_GIVEN)
        name = f"{dice.choice(FAMILY)} {dice.choice(middle)} {dice.choice(given)}"
        if name not in used:
            used.add(name)
            yield name, female
