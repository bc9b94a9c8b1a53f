"""The upkeep: jobs that were put aside, and an upkeep that does not come to its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.administration.waiting import Rule, Wait, Waiting
from till.domain.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.administration.waiting import Look, Metric

#: The jobs that were put aside, and the time since when the upkeep has not come to its end.
_JOBS: Final = """
    SELECT count(j.quarantine_id) FILTER (WHERE q.resolved_at IS NULL), min(j.tried_at) FILTER (
        WHERE j.kind = 'upkeep' AND j.tried_at < now() - interval '1 hour' AND j.tried_at < (
            SELECT max(t.seen_at) - interval '1 hour' FROM till.tills AS t WHERE t.store_id = %(store)s))
    FROM till.upkeep_jobs AS j LEFT JOIN warm.quarantine AS q ON q.id = j.quarantine_id WHERE j.store_id = %(store)s
"""


def _find(look: Look) -> Iterator[Waiting]:
    failed, since = look.row(_JOBS)
    if failed:
        words = ngettext("{n} job of the upkeep fails", "{n} jobs of the upkeep fail", failed)
        yield Waiting(words.format(n=failed), advice=_("`till admin quarantine` says which, and why."))
    if since is not None:
        words = _("It has not come to its end since {at}, though tills are on")
        yield Waiting(words.format(at=look.when(since)), advice=_("Run `till admin cleanup`."))
    if not failed and since is None:
        yield Waiting(_("No job of it fails"), advice="")


def _metrics(look: Look) -> Iterator[Metric]:
    yield "upkeep_jobs_aside", "Jobs of the upkeep that were put aside.", look.row(_JOBS)[0]


_ASIDE: Final = Rule(
    "TillUpkeepAside",
    "A job of the upkeep was put aside. `till admin quarantine` says which.",
    "till_database_upkeep_jobs_aside > 0",
    "1h",
)
UPKEEP: Final = Wait(_find, N_("upkeep"), at_desk=False, metrics=_metrics, rules=(_ASIDE,))
