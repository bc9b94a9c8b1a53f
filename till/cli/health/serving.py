"""Checks of `till serve` on this machine: the certificate of its page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from till.cli.certificates import end_of_file, serve_certificate
from till.cli.health.finding import well, wrong
from till.domain.i18n import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.cli.environment import Surroundings
    from till.cli.health.finding import Finding

_SOON: Final = timedelta(days=14)


def serving_parts(here: Surroundings | None) -> Iterator[Finding]:
    """Check the certificate of the page, if this machine serves tills."""
    file = serve_certificate(here) if here is not None else ""
    if not file:
        return
    part = _("serve")
    remedy = _("Put a new one there, or none for one of this machine's own, and start `till serve` again.")
    try:
        end = end_of_file(Path(file).expanduser())
    except (OSError, ValueError):
        end = None
    if end is None:
        yield wrong(part, _("The certificate {file} cannot be read.").format(file=file), remedy)
    elif end - datetime.now(UTC) < _SOON:
        yield wrong(part, _("The certificate of the page ends on {day}.").format(day=f"{end:%Y-%m-%d}"), remedy)
    else:
        yield well(part, _("The certificate of the page is valid until {day}.").format(day=f"{end:%Y-%m-%d}"))
