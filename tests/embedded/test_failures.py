"""What keeps a service from running is said before anything is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from eoffice.embedded.failures import DiskFull, require_space


def test_a_full_disk_is_refused_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match=r"chỉ còn trống .* Hãy giải phóng bớt dung lượng"):
        require_space(tmp_path, needed_bytes=2**62)


def test_enough_space_is_accepted(tmp_path: Path) -> None:
    require_space(tmp_path, needed_bytes=1)
