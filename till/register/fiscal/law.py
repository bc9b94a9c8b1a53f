"""The law of the venue for its invoices, and whether this till may issue them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import ConfigError
from till.domain.fiscal import Installation
from till.domain.i18n import _
from till.domain.numbers import INVOICES, TICKETS
from till.ports import LightState
from till.ports.fiscal import FiscalError
from till.register.hearing import Hearer

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Buyer, Order
    from till.domain.settings import FiscalSetting
    from till.ports import Light
    from till.ports.fiscal import FiscalScheme
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference

_LOG: Final = logging.getLogger(__name__)
#: The refusals after which this till is no installation of the venue, and their name in the journal's cache.
_BARRED: Final = frozenset({"till_revoked", "journal_retired"})
_KEPT: Final = "own.barred"


class VenueLaw(Hearer):
    """The law of the venue, as this till obeys it. Without one, nothing is loaded, read or written.

    Args:
        ledger: the write path.
        reference: the venue, which names its law.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self.ledger = ledger
        self.reference = reference
        self._find: Callable[[str], FiscalScheme | None] | None = None
        self._version = ""
        self._schemes: dict[str, FiscalScheme | None] = {}

    def begin(self, find: Callable[[str], FiscalScheme | None], version: str) -> None:
        """Stamp from now on. `find` loads a law; `version` is that of this program. A replay never begins."""
        self._find, self._version = find, version

    @property
    def law(self) -> tuple[FiscalSetting, FiscalScheme] | None:
        """The law of this day of the calendar, with its module; None if there is none. A training has none."""
        venue = self.reference.venue
        setting = venue.settings.fiscal
        if setting is None or venue.training or self._find is None:
            return None
        if venue.local(self.ledger.now()).date().isoformat() < setting.since:
            return None
        scheme = self.scheme(setting.scheme)
        return (setting, scheme) if scheme is not None else None

    def load(self) -> None:
        """Load the law of the venue, in a thread of its own, so that no sale waits for its module."""
        if (setting := self.reference.venue.settings.fiscal) is not None:
            self.scheme(setting.scheme)

    def scheme(self, name: str) -> FiscalScheme | None:
        """Return the module of a law, which is loaded once; None if this program does not know it."""
        if name not in self._schemes and self._find is not None:
            self._schemes[name] = self._find(name)
            if self._schemes[name] is None:
                _LOG.error("law_not_found", extra={"scheme": name})
        return self._schemes.get(name)

    def series(self, order: Order) -> str:
        """Return the series of the number of a sale. A law may have one for full invoices, which name a buyer."""
        return INVOICES if order.buyer is not None and self.law_of_invoices is not None else TICKETS

    @property
    def law_of_invoices(self) -> tuple[FiscalSetting, FiscalScheme] | None:
        """The law of this day, if it has full invoices."""
        law = self.law
        return law if law is not None and INVOICES in law[1].law(law[0].settings).series else None

    @property
    def installation(self) -> Installation:
        """This journal at this till, with this version of the program."""
        return Installation(self.ledger.journal.journal_id, self.ledger.till, self._version)

    @property
    def doubt(self) -> str:
        """The sentence on a clock that is not sure, while a law wants the time of each invoice; empty for none."""
        if self.law is None or self.ledger.is_heard:
            return ""
        return _("Offline since the start: is this clock right to the minute?")

    @override
    def light_changed(self, light: Light) -> None:
        """Keep that the server refuses this till, also over a restart, until it is enrolled again."""
        if self.reference.venue.settings.fiscal is None:
            return
        barred = light.code in _BARRED
        if barred != self.is_barred() and (barred or light.state is LightState.SAVED):
            self.ledger.journal.cache(_KEPT, 0, {"barred": barred})

    def is_barred(self) -> bool:
        """True if the server refuses this till."""
        cached = self.ledger.journal.cached(_KEPT)
        return cached is not None and bool(cached[1]["barred"])

    def check_buyer(self, buyer: Buyer | None) -> None:
        """Refuse a buyer whom no record of the law can name.

        Raises:
            FiscalError: says what to type.
        """
        if (law := self.law) is not None and buyer is not None:
            try:
                law[1].check_buyer(buyer, law[0].settings)
            except ConfigError as problem:
                raise FiscalError(problem.sentence) from problem
