"""What the form of a học bạ needs beside its sheets: cover, guidance, names beside signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from eoffice.assessment import circulars
from eoffice.documents import types
from eoffice.registers.kinds import covers
from eoffice.registers.kinds.report_part import ReportPart


def of_part(part: ReportPart) -> Mapping[str, object]:
    year = part.of_class.school_year
    return {
        "title": f"Học bạ của {part.entry.pupil.name}, năm học {year}",
        "school": asdict(part.school),
        "places": covers.places(part.school),
        "own-name": covers.own_name(part.school),
        "class": asdict(part.of_class),
        "level-words": "TIỂU HỌC" if part.is_primary else covers.level_words(part.of_class.grade),
        "is-primary": part.is_primary,
        "version": part.version,
        "pupil": part.entry.pupil.name,
        "register-number": part.particulars.register_number,
        "opened": types.place_and_date(part.school.place, part.opened_on),
        "circular": circulars.rule_set(part.rule_set).circular,
        "subjects-sign": part.subjects_sign,
        "is-signed-in-book": bool(part.class_book.signed),
    }
