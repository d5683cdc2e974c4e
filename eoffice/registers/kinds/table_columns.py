"""The head of a plain list, as the form school_roll.typ sets it."""

from __future__ import annotations

from collections.abc import Mapping


def columns(*heads: tuple[str, str, bool], group: int | None = None) -> Mapping[str, object]:
    """Of (title, width, whether words begin at the left); a width is "17mm" or a share, "1.2fr".

    With `group` a heavier line stands where that column changes, not below every fifth row.
    """
    return {
        "heads": [
            {
                "title": title,
                "width": float(width[:-2]),
                "is-share": width.endswith("fr"),
                "left": is_left,
            }
            for title, width, is_left in heads
        ],
        "group": group,
    }
