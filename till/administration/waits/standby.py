"""Standbys of the database's server that are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.administration.waiting import Rule, Wait, Waiting
from till.domain.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.administration.waiting import Look, Metric

#: The standbys that follow now, and the slots that nobody follows. Everybody may count them.
_FOLLOWING: Final = """
    SELECT (SELECT count(*) FROM pg_stat_replication), count(*),
        coalesce(string_agg(slot_name, ', ' ORDER BY slot_name), '')
    FROM pg_replication_slots WHERE NOT active AND NOT temporary
"""


def _find(look: Look) -> Iterator[Waiting]:
    following, _idle, slots = look.row(_FOLLOWING)
    if slots:
        words = _("Nobody follows the server's slot {names}: a standby is gone, and the server's log grows")
        remedy = _("Start the standby, or drop its slot (pg_drop_replication_slot).")
        yield Waiting(words.format(names=slots), remedy, remedy)
    elif following:
        words = ngettext("{n} standby follows", "{n} standbys follow", following)
        yield Waiting(words.format(n=following), advice="")


def _metrics(look: Look) -> Iterator[Metric]:
    following, idle, _slots = look.row(_FOLLOWING)
    yield "standbys", "Standbys that follow the server.", following
    yield "standby_slots_idle", "Slots for standbys that nobody follows.", idle


#: A copy that is taken counts as a standby for its time: only what lasted an hour is missed.
_GONE: Final = Rule(
    "TillStandbyGone",
    "A standby no longer follows the server of the database.",
    "till_database_standby_slots_idle > 0 or "
    "till_database_standbys < max_over_time(min_over_time(till_database_standbys[1h])[7d:1h])",
)
STANDBY: Final = Wait(_find, N_("standby"), metrics=_metrics, rules=(_GONE,))
