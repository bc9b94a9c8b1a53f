"""The backup of a database that has had none for days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.administration.waiting import Rule, Wait, Waiting
from till.domain.i18n import N_, _
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.administration.waiting import Look, Metric

_LAST: Final = "SELECT max(value)::timestamptz FROM till.schema_v1() WHERE key = 'backup'"


def _find(look: Look) -> Iterator[Waiting]:
    venue = replace(look.venue, backed_up_at=look.ask("backed_up_at"))
    if days := venue.days_without_backup(look.now):
        remedy = _("`till db backup FOLDER` makes one, on another disk.")
        yield Waiting(_("No backup for {n} days").format(n=days), remedy, _("Run `till db backup FOLDER`."))
    elif (last := look.row(_LAST)[0]) is not None:
        yield Waiting(_("The last one is of {at}").format(at=look.when(last)), advice="")
    else:
        yield Waiting(_("None yet; `till db backup FOLDER` takes one"), advice="")


def _metrics(look: Look) -> Iterator[Metric]:
    meaning = "When the last backup was taken; before the first one, when the venue was made."
    yield "backup_timestamp_seconds", meaning, f"{look.ask('backed_up_at').timestamp():.3f}"


_OLD: Final = Rule(
    "TillBackupOld",
    "The last backup is more than two days old. Run `till db backup FOLDER`.",
    "time() - till_database_backup_timestamp_seconds > 2 * 86400",
    "1h",
)
BACKUP: Final = Wait(_find, N_("backup"), metrics=_metrics, rules=(_OLD,))
