"""Things that wait for a person. Each file declares those of a subject, and is found by being here."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from till.administration.waiting import Wait
from till.ports.desk import Alert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.administration.waiting import Look


@cache
def all_waits() -> tuple[Wait, ...]:
    """Return all that is declared, by the names of the files."""
    names = sorted(one.name for one in pkgutil.iter_modules(__path__))
    declared = (vars(import_module(f"{__name__}.{name}")).values() for name in names)
    return tuple(one for values in declared for one in values if isinstance(one, Wait))


def waiting_alerts(look: Look) -> Iterator[Alert]:
    """Yield what waits, as alerts of the desk."""
    found = (one for wait in all_waits() if wait.at_desk for one in wait.find(look))
    return (Alert(one.sentence, one.remedy, one.till) for one in found if one.remedy)
