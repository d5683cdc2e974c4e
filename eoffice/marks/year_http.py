"""What is recorded of a year beside marks, for programs: traits, decisions, the end of summer."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import put
from litestar.params import FromPath, JSONBody

from eoffice import clock, db
from eoffice.assessment.year import Outcome, TraitLevel, TraitTime
from eoffice.marks import year_actions
from eoffice.web.principal import Request, principal


class TraitsIn(msgspec.Struct, frozen=True, kw_only=True):
    time: TraitTime
    #: Code of the pupil -> code of the quality or competence -> level.
    levels: dict[str, dict[str, TraitLevel]]


class DecisionIn(msgspec.Struct, frozen=True, kw_only=True):
    """A decision of the principal about a pupil in primary school."""

    #: The class agrees that the pupil stands out, or has made marked progress.
    is_chosen: bool = False
    #: promoted or held_back, about whoever was helped and judged again; null: none.
    outcome: Outcome | None = None
    reason: str = ""


@put("/{class_id:uuid}/traits", sync_to_thread=True, status_code=204)
def record_traits(request: Request, class_id: FromPath[UUID], data: JSONBody[TraitsIn]) -> None:
    """Qualities and competences in a primary class, by the homeroom teacher."""
    with db.transaction(principal(request).acting) as session:
        year_actions.record_traits(
            session,
            class_id,
            data.time,
            {
                (pupil, trait): level
                for pupil, levels in data.levels.items()
                for trait, level in levels.items()
            },
            by=principal(request),
            at=clock.now(),
        )


@put("/{class_id:uuid}/pupils/{pupil_code:str}/year-decision", sync_to_thread=True, status_code=204)
def decide(
    request: Request,
    class_id: FromPath[UUID],
    pupil_code: FromPath[str],
    data: JSONBody[DecisionIn],
) -> None:
    """What the principal decides about a pupil at the end of the year."""
    with db.transaction(principal(request).acting) as session:
        year_actions.decide(
            session,
            class_id,
            pupil_code,
            is_chosen=data.is_chosen,
            outcome=data.outcome,
            reason=data.reason,
            by=principal(request),
            at=clock.now(),
        )


@put("/{class_id:uuid}/summer-closing", sync_to_thread=True, status_code=204)
def close_summer(request: Request, class_id: FromPath[UUID]) -> None:
    """Nothing more is made good in the class: whoever still lacks something is held back."""
    with db.transaction(principal(request).acting) as session:
        year_actions.close_summer(session, class_id, by=principal(request), at=clock.now())
