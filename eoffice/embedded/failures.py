"""What can keep the services of one machine from running, as sentences for the operator."""

from __future__ import annotations

import shutil
from pathlib import Path


class EmbeddedFailure(Exception):
    """A service cannot run; the text is a Vietnamese sentence that says what to do."""


class PortTaken(EmbeddedFailure):
    """Another program listens on the port."""

    def __init__(self, port: int, purpose: str) -> None:
        super().__init__(
            f"Cổng {port} dành cho {purpose} đang được một chương trình khác sử dụng. "
            "Hãy tắt chương trình đó hoặc chọn cổng khác rồi khởi động lại."
        )
        self.port = port


class NoFreePort(EmbeddedFailure):
    """No port was found on which a service could listen."""

    def __init__(self) -> None:
        super().__init__(
            "Không tìm được cổng mạng nào còn trống trên máy này. "
            "Hãy tắt bớt các chương trình đang chạy rồi khởi động lại."
        )


class DiskFull(EmbeddedFailure):
    """Too little space is left to start without risk to the data."""

    def __init__(self, directory: Path, free_bytes: int, needed_bytes: int) -> None:
        super().__init__(
            f"Ổ đĩa chứa thư mục {directory} chỉ còn trống {free_bytes / 2**20:.0f} MiB, "
            f"cần ít nhất {needed_bytes / 2**20:.0f} MiB. "
            "Hãy giải phóng bớt dung lượng rồi khởi động lại; dữ liệu đã lưu không bị ảnh hưởng."
        )


class LibraryMissing(EmbeddedFailure):
    """A system library or a program that a service needs is not on this machine."""

    def __init__(self, what: str, library: str) -> None:
        super().__init__(
            f"Không chạy được {what} vì máy này thiếu {library}. Hãy cài bổ sung rồi khởi động lại."
        )


class DidNotStart(EmbeddedFailure):
    """A service ended or stayed silent while it was being started."""

    def __init__(self, what: str, log_file: Path, last_lines: str) -> None:
        super().__init__(
            f"{what} không khởi động được. Nhật ký đầy đủ ở {log_file}; các dòng cuối:\n"
            f"{last_lines or '(nhật ký trống)'}"
        )


class CrashLoop(EmbeddedFailure):
    """A service ended again and again and is no longer restarted."""

    def __init__(self, what: str, ends: int, log_file: Path, last_lines: str) -> None:
        super().__init__(
            f"{what} đã dừng bất thường {ends} lần liên tiếp nên không được khởi động lại nữa. "
            f"Nhật ký đầy đủ ở {log_file}; các dòng cuối:\n{last_lines or '(nhật ký trống)'}"
        )


class AlreadyRunning(EmbeddedFailure):
    """Another supervisor keeps the same directory."""

    def __init__(self, var: Path, process_id: str) -> None:
        super().__init__(
            f"Hệ thống trên thư mục {var} đang chạy rồi (tiến trình {process_id}). "
            "Hãy dừng lần chạy đó trước khi khởi động lần nữa."
        )


class CannotPlaceData(EmbeddedFailure):
    """No directory was found which the account of a service may enter."""


class WrongDataVersion(EmbeddedFailure):
    """The data were made by another major version of PostgreSQL."""

    def __init__(self, directory: Path, found: str, wanted: str) -> None:
        super().__init__(
            f"Dữ liệu trong {directory} thuộc PostgreSQL {found}, còn chương trình đang cài là "
            f"PostgreSQL {wanted}. Hãy nâng cấp dữ liệu theo docs/operations.md rồi khởi động."
        )


#: Below this a data base server may stop in the middle of its work.
SPACE_TO_START_BYTES = 2**30


def require_space(directory: Path, needed_bytes: int = SPACE_TO_START_BYTES) -> None:
    """Raises DiskFull when the file system of `directory` (which exists) has less space left."""
    free = shutil.disk_usage(directory).free
    if free < needed_bytes:
        raise DiskFull(directory, free, needed_bytes)
