"""The form in which recipients are chosen: what stands in it, read and written. No database.

Nothing is saved while somebody searches, adds or pastes: the whole choice travels in the form, so
that the page works without script and every button but the last changes only the page.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from eoffice.documents.recipients import rules as recipient_rules
from eoffice.documents.recipients.pasted import Line, Outcome
from eoffice.documents.recipients.rules import Purpose, Rule, Target, TargetKind
from eoffice.errors import Invalid
from eoffice.people.kinds import SchoolLevel, UnitKind
from eoffice.web.forms import Form

#: Fields that stay as they were typed when the page comes back.
KEPT_FIELDS: Final = ("q", "pasted", "places", "below", "except", "rule_name", "purpose_new")


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody sent: the choice so far with what was ticked, and which button was pressed."""

    targets: tuple[Target, ...]
    button: str
    q: str
    #: Lines of the pasted list for which nothing was picked yet.
    pasted: str
    purpose: Purpose
    kinds: tuple[UnitKind, ...]
    levels: tuple[SchoolLevel, ...]
    below: tuple[UUID, ...]
    places: tuple[str, ...]
    exceptions: str
    rule_name: str


def key(target: Target) -> str:
    """A line of the choice as the value of a field."""
    match target.kind:
        case TargetKind.UNIT:
            return f"unit:{target.unit_id}"
        case TargetKind.GROUP:
            return f"group:{target.group_code}"
        case TargetKind.PERSON:
            return f"person:{target.appointment_id}"
        case TargetKind.OUTSIDE:
            return f"outside:{target.organisation_id}"
        case TargetKind.RULE:
            assert target.rule is not None
            told: dict[str, Any] = {
                "name": target.name,
                "rule": recipient_rules.serialise(target.rule),
            }
            return "rule:" + json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def target_of(value: str, purpose: Purpose) -> Target:
    """Raises Invalid for a value that this page did not write."""
    kind, _, rest = value.partition(":")
    try:
        match TargetKind(kind):
            case TargetKind.UNIT:
                return Target(unit_id=UUID(rest), purpose=purpose)
            case TargetKind.GROUP:
                return Target(group_code=rest, purpose=purpose)
            case TargetKind.PERSON:
                return Target(appointment_id=UUID(rest), purpose=purpose)
            case TargetKind.OUTSIDE:
                return Target(organisation_id=UUID(rest), purpose=purpose)
            case TargetKind.RULE:
                told = json.loads(rest)
                return Target(
                    rule=recipient_rules.parse(told["rule"]),
                    name=str(told["name"]),
                    purpose=purpose,
                )
    except (ValueError, KeyError, TypeError) as wrong:
        raise Invalid("Danh sách nơi nhận có mã không đúng. Hãy tải lại trang.") from wrong


def typed(form: Form) -> Typed:
    """Read the form: what is still ticked, then what was ticked or picked to be added."""
    purpose = _purpose(form["purpose_new"])
    targets = [
        target_of(form[f"target-{number}"], _purpose(form[f"purpose-{number}"]))
        for number in form.all("choice")
    ]
    targets += [target_of(value, purpose) for value in form.all("add")]
    left = []
    for number, line in enumerate(form["pasted"].splitlines(), start=1):
        picked = form[f"pick-{number}"]
        if picked:
            targets.append(target_of(picked, purpose))
        elif line.strip():
            left.append(line)
    try:
        kinds = tuple(UnitKind(each) for each in form.all("kinds"))
        levels = tuple(SchoolLevel(each) for each in form.all("levels"))
        below = tuple(UUID(each) for each in form.all("below") if each)
    except ValueError as wrong:
        raise Invalid("Quy tắc có mã không đúng. Hãy tải lại trang.") from wrong
    return Typed(
        targets=recipient_rules.checked_targets(targets),
        button=form["do"],
        q=form["q"].strip(),
        pasted="\n".join(left),
        purpose=purpose,
        kinds=kinds,
        levels=levels,
        below=below,
        places=tuple(each.strip() for each in form["places"].split(",") if each.strip()),
        exceptions=form["except"].strip(),
        rule_name=form["rule_name"].strip(),
    )


def rule_of(sent: Typed, exceptions: Sequence[UUID]) -> Rule:
    """The rule that was put together. Raises RuleEmpty."""
    return recipient_rules.checked(
        Rule(
            kinds=sent.kinds,
            levels=sent.levels,
            below=sent.below,
            places=sent.places,
            exceptions=tuple(exceptions),
        )
    )


def found_of(lines: Sequence[Line], purpose: Purpose) -> tuple[tuple[Target, ...], str]:
    """What a pasted list names beyond doubt, and the lines that are left to be decided."""
    found = tuple(
        target_of(line.found[0].key, purpose) for line in lines if line.outcome is Outcome.FOUND
    )
    left = "\n".join(line.text for line in lines if line.outcome is not Outcome.FOUND)
    return found, left


def _purpose(value: str) -> Purpose:
    try:
        return Purpose(value or Purpose.ACTION)
    except ValueError as wrong:
        raise Invalid("Mục đích gửi không đúng. Hãy tải lại trang.") from wrong
