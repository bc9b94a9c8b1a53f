"""Records and conflicts that wait for a manager. The desk shows each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.administration.waiting import Rule, Wait, Waiting
from till.domain.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.administration.waiting import Look, Metric

_WAITING: Final = """
    SELECT (SELECT count(*) FROM warm.quarantine WHERE resolved_at IS NULL AND store_id = %(store)s),
        (SELECT count(*) FROM till.conflicts WHERE resolved_at IS NULL AND store_id = %(store)s)
"""


def _records(look: Look) -> Iterator[Waiting]:
    records, conflicts = look.row(_WAITING)
    if records:
        words = ngettext("{n} record needs attention", "{n} records need attention", records)
        yield Waiting(words.format(n=records), advice=_("`till admin quarantine` lists them."))
    elif not conflicts:
        yield Waiting(_("Nothing waits for a manager"), advice="")


def _conflicts(look: Look) -> Iterator[Waiting]:
    _records, conflicts = look.row(_WAITING)
    if conflicts:
        words = ngettext("{n} conflict about money waits", "{n} conflicts about money wait", conflicts)
        yield Waiting(words.format(n=conflicts), advice=_("`till admin conflicts` lists them."))


def _metrics(look: Look) -> Iterator[Metric]:
    records, conflicts = look.row(_WAITING)
    yield "conflicts", "Conflicts about money that wait for a manager.", conflicts
    yield "records_aside", "Records of the venue that need attention.", records


_SOME: Final = Rule(
    "TillConflict",
    "A conflict or a record waits for a manager. `till admin conflicts`, `till admin quarantine`.",
    "till_database_conflicts > 0 or till_database_records_aside > 0",
)
RECORDS: Final = Wait(_records, N_("records"), at_desk=False, metrics=_metrics, rules=(_SOME,))
CONFLICTS: Final = Wait(_conflicts, N_("conflicts"), at_desk=False)
