"""Old copies go, with what no other copy needs; so does what a killed run left."""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.audit.checkpoint import Verifier
from eoffice.backup import copies, rules
from eoffice.backup.rules import Keep
from eoffice.backup.targets import Target


@dataclass(frozen=True, slots=True)
class Pruned:
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    #: Runs that never became a copy.
    unfinished: int
    objects: int


def prune(target: Target, keep: Keep, verifier: Verifier) -> Pruned:
    """Manifests first, objects last: killed on the way, the next run goes on.

    The caller sees to it that nobody makes a copy meanwhile (`snapshot.only_one`). Removes nothing
    as long as a manifest or a list cannot be trusted, or no copy is complete.

    Raises ManifestInvalid, NoCopy, TargetUnavailable.
    """
    everything = copies.every(target, verifier)
    copies.chosen(target, None, verifier)
    staying = rules.kept((one.made for one in everything), keep)
    wanted = {
        digest for one in everything if one.id in staying for digest in copies.listed(target, one)
    }
    going = [one.id for one in everything if one.id not in staying]
    for copy_id in going:
        target.remove(f"{copies.COPIES}/{copy_id}")
    unfinished: set[str] = set()
    for folder in (copies.DATABASES, copies.LISTS):
        for name in list(target.names(folder)):
            copy_id = name.rpartition("/")[2]
            if copy_id not in staying:
                target.remove(name)
                unfinished.add(copy_id)
    unneeded = copies.objects(target) - wanted
    for digest in sorted(unneeded):
        target.remove(copies.object_name(digest))
    target.sweep()
    return Pruned(
        kept=tuple(sorted(staying)),
        removed=tuple(going),
        unfinished=len(unfinished - set(going)),
        objects=len(unneeded),
    )
