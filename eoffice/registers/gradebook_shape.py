"""The structure of a gradebook's data (eoffice-gradebook/1), for its XML and its published schemas.

The data are written by `gradebook.data_of`; here is what they look like.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.assessment import tt22 as rules
from eoffice.assessment.marks import Part, Semester, SubjectKind, Verdict
from eoffice.assessment.tt22 import Level
from eoffice.marks.results import Session
from eoffice.registers import gradebook
from eoffice.registers.gradebook import Json
from eoffice.registers.kinds import shapes
from eoffice.registers.kinds.shapes import Flag, ListOf, MapOf, Maybe, Record, Shape, Text, Whole

XML_FILE: Final = "gradebook.xml"
ROOT: Final = "gradebook"
NAMESPACE: Final = f"urn:{gradebook.FORMAT.replace('/', ':')}"

_TEXT: Final = Text()
_MONTH: Final = Text("gYearMonth", r"\d{4}-\d{2}")


def _one_of(values: type[StrEnum]) -> Text:
    return Text(values=tuple(values))


def _texts(names: str) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), _TEXT)


def _counts(values: type[StrEnum]) -> Record:
    return Record({one.value: Whole() for one in values})


#: A mark with one decimal, or a verdict.
_VALUE: Final = Maybe(Text(pattern="|".join((r"\d{1,2}\.\d", *Verdict))))
_PERIOD: Final[dict[str, Shape]] = {
    "learning": Maybe(_one_of(Level)),
    "learning_before_adjustment": Maybe(_one_of(Level)),
    "conduct": Maybe(_one_of(Level)),
}
_SEMESTER_MARKS: Final = Record(
    {"regular": ListOf("mark", _VALUE), "midterm": _VALUE, "final": _VALUE, "result": _VALUE}
)
_PUPIL: Final = Record(
    {
        "ordinal": Whole(),
        **_texts("code name"),
        "born_on": shapes.DATE,
        **_texts("sex birthplace ethnicity policy_group address father mother changes"),
        "subjects": MapOf(
            "subject",
            Record({**dict.fromkeys(Semester, _SEMESTER_MARKS), "year": _VALUE}),
        ),
        "semesters": Record(dict.fromkeys(Semester, Record(_PERIOD))),
        "year": Record(
            {
                **_PERIOD,
                "excused": Whole(),
                "unexcused": Whole(),
                "promotion": Maybe(_one_of(rules.Promotion)),
                "title": Maybe(_one_of(rules.Title)),
            }
        ),
    }
)

SHAPE: Final = Record(
    {
        "format": Text(values=(gradebook.FORMAT,)),
        "rule_set": Text(values=(rules.RULE_SET,)),
        "version": Whole(),
        "made_at": shapes.INSTANT,
        "school": Record({**_texts("name superior place"), "organ_id": Maybe(_TEXT)}),
        "class": Record(
            {
                "name": _TEXT,
                "grade": Whole(),
                **_texts("school_year homeroom_teacher principal"),
            }
        ),
        "subjects": ListOf(
            "subject",
            Record(
                {
                    **_texts("code name"),
                    "kind": _one_of(SubjectKind),
                    "periods_per_year": Whole(),
                    "regular_marks": Whole(),
                    "teacher": _TEXT,
                }
            ),
        ),
        "pupils": ListOf("pupil", _PUPIL),
        "absences": ListOf(
            "absence",
            Record(
                {
                    "pupil": _TEXT,
                    "on": shapes.DATE,
                    "session": _one_of(Session),
                    "excused": Flag(),
                }
            ),
        ),
        "remarks": ListOf("remark", Record({"month": _MONTH, "text": _TEXT})),
        "corrections": ListOf(
            "correction",
            Record(
                {
                    **_texts("pupil subject"),
                    "semester": _one_of(Semester),
                    "part": Text(values=(Part.REGULAR, Part.MIDTERM, Part.FINAL)),
                    "place": Whole(),
                    "old": _VALUE,
                    "new": _VALUE,
                }
            ),
        ),
        "cited": shapes.CITED,
        "totals": Record(
            {
                "pupils": Whole(),
                "girls": Whole(),
                "learning": _counts(Level),
                "conduct": _counts(Level),
                "promotion": _counts(rules.Promotion),
                "titles": _counts(rules.Title),
            }
        ),
    }
)


def xml_of(data: Json) -> bytes:
    """The data of a gradebook as XML. Raises XmlUnwritable."""
    return shapes.xml(ROOT, NAMESPACE, SHAPE, data)
