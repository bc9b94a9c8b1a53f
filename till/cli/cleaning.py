"""`till admin cleanup`: the maintenance that tills run from time to time, run now and to the end."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from till.cli.administration import Administration, administration
from till.cli.environment import Surroundings
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, say
from till.domain.i18n import N_, _, ngettext

_COUNTED: Final = ("swept", "cooled", "moved", "archived", "expired")


def clean_up(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=N_("Only count; change nothing."))] = False,
    as_json: AsJson = False,
) -> None:
    """Suspend stale orders, delete expired logins and cached rows, and archive old records.

    Old events move to the audit, and ended orders to the archive.
    """
    here = Surroundings.find()
    limits = here.config.session.stale_minutes, here.config.retention.hot_hours, here.config.retention.warm_days
    with administration(here) as admin:
        done = _maintain(admin, limits, dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, **done})
        return
    for sentence in _sentences(done, dry_run=dry_run):
        say(sentence)
    if apart := done["in_no_month"]:
        note(
            ngettext(
                "{n} event of the audit is in none of its months. It is kept and found like all others.",
                "{n} events of the audit are in none of its months. They are kept and found like all others.",
                apart,
            ).format(n=apart)
        )
    if not done["ran"] and not dry_run:
        note(_("A till is already cleaning up. Run it again for the rest."))


def _maintain(admin: Administration, limits: tuple[int, int, int], *, dry_run: bool) -> dict[str, Any]:
    """Run all of the maintenance, a part in each transaction, until nothing is left."""
    total: dict[str, Any] = {"ran": False, **dict.fromkeys(_COUNTED, 0), "in_no_month": 0}
    while True:
        author = None if dry_run else admin.actor
        part = admin.ask("maintain_v1", author, *limits, dry_run)
        total["ran"], total["in_no_month"] = part["ran"], part["in_no_month"]
        for name in _COUNTED:
            total[name] += part[name]
        if not part["more"]:
            return total


def _sentences(done: dict[str, Any], *, dry_run: bool) -> list[str]:
    swept, cooled, moved, archived, expired = (done[name] for name in _COUNTED)
    if dry_run:
        return [
            ngettext("{n} stale order would be suspended.", "{n} stale orders would be suspended.", swept).format(
                n=swept
            ),
            ngettext(
                "{n} order would be cleared from the hot tables.",
                "{n} orders would be cleared from the hot tables.",
                cooled,
            ).format(n=cooled),
            ngettext("{n} event would move to the audit.", "{n} events would move to the audit.", moved).format(
                n=moved
            ),
            ngettext(
                "{n} ended order would move to the archive.", "{n} ended orders would move to the archive.", archived
            ).format(n=archived),
            ngettext("{n} expired login would be deleted.", "{n} expired logins would be deleted.", expired).format(
                n=expired
            ),
        ]
    return [
        ngettext("{n} stale order was suspended.", "{n} stale orders were suspended.", swept).format(n=swept),
        ngettext("Cleared {n} order from the hot tables.", "Cleared {n} orders from the hot tables.", cooled).format(
            n=cooled
        ),
        ngettext("{n} event moved to the audit.", "{n} events moved to the audit.", moved).format(n=moved),
        ngettext("{n} ended order moved to the archive.", "{n} ended orders moved to the archive.", archived).format(
            n=archived
        ),
        ngettext("{n} expired login was deleted.", "{n} expired logins were deleted.", expired).format(n=expired),
    ]
