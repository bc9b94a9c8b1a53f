"""The tenders in the configuration: by hand, or by a plug-in that is loaded if it is configured."""

from __future__ import annotations

import logging
import re
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from till.config import HAND, SERVER, TenderConfig
from till.domain.errors import ConfigError, TillError
from till.domain.i18n import _
from till.domain.order.paying import CASH
from till.domain.payment.names import TENDER
from till.domain.text import clean
from till.leaves import is_here
from till.ports import TenderTraits
from till.register.payments.tenders import AT_SERVER, Tenders, hands_in
from till.tenders.server import ServerTender

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from till.config import Config
    from till.ports import Clock, Store, Tender

#: The entry-point group of plug-ins: each makes a `till.ports.Tender` from its settings in the configuration.
GROUP: Final = "till.tenders"
#: The letters that the pay screen reserves: for notes, a tip and the end of a wait.
_KEPT: Final = frozenset("qwertyp")
_LONGEST: Final = 20
_LOG: Final = logging.getLogger(__name__)


def check_tenders(named: Mapping[str, TenderConfig]) -> None:
    """Refuse ambiguous tenders, without loading a plug-in."""
    keys: dict[str, str] = {}
    for name, tender in named.items():
        if not re.match(TENDER, name):
            sentence = _("[tenders.{name}]: a way to pay is named by capital letters and digits, such as MEAL.")
            raise ConfigError(sentence.format(name=clean(name)[:_LONGEST]))
        if name == CASH:
            raise ConfigError(_("[tenders.CASH]: cash is always there. Leave this section out."))
        if tender.key in _KEPT and tender.key:
            sentence = _("[tenders.{name}]: the key {key} means a note or a tip. Take another letter.")
            raise ConfigError(sentence.format(name=name, key=tender.key))
        if tender.key and (other := keys.setdefault(tender.key, name)) != name:
            sentence = _("[tenders.{name}]: the key {key} marks {other} too. Take another letter.")
            raise ConfigError(sentence.format(name=name, key=tender.key, other=other))


def _usual(currency: str) -> dict[str, TenderConfig]:
    """Return the ways to pay, besides cash, of a till whose configuration names none."""
    return {
        traits.name: TenderConfig(kind=SERVER if traits.needs_server else HAND, label=traits.label, key=traits.key)
        for traits in (*hands_in(currency), *AT_SERVER)
    }


def configured(config: Config, currency: str) -> dict[str, TenderConfig]:
    """Return the named ways to pay, with `till.other_tenders` the usual ones too; a named one keeps its key."""
    keys = {tender.key for tender in config.tenders.values()}
    usual = _usual(currency) if config.tenders and config.till.other_tenders else {}
    others = {name: replace(one, key="" if one.key in keys else one.key) for name, one in usual.items()}
    return {**config.tenders, **{name: one for name, one in others.items() if name not in config.tenders}}


def left_out(config: Config, currency: str) -> tuple[str, ...]:
    """Return the usual ways to pay that are not offered, as `[tenders]` names others."""
    offered = configured(config, currency)
    return tuple(name for name in _usual(currency) if name not in offered) if offered else ()


def left_out_words(names: Iterable[str]) -> str:
    """Return `Not offered, as [tenders] does not name them: UPI, VOUCHER.`, and the setting that adds them."""
    sentence = _("Not offered, as [tenders] does not name them: {names}. other_tenders = true in [till] adds them.")
    return sentence.format(names=", ".join(names))


def traits_by_hand(name: str, tender: TenderConfig) -> TenderTraits:
    """Return the traits of a tender by hand."""
    return TenderTraits(
        name=name,
        label=tender.label or name,
        key=tender.key,
        by_hand=True,
        gives_change=tender.change,
        opens_drawer=tender.drawer or tender.change,
        needs_reference=tender.slip == "needed",
    )


def traits_named(name: str, tender: TenderConfig) -> TenderTraits:
    """Return the traits of a tender from its section, without loading a plug-in."""
    if tender.kind == SERVER:
        return at_server(name, tender)
    return replace(traits_by_hand(name, tender), by_hand=tender.kind == HAND)


def open_tender(name: str, tender: TenderConfig, *, till: int, clock: Clock) -> Tender:
    """Load the plug-in of a tender, and create the tender, without a request to the provider.

    Raises:
        TillError: the plug-in does not exist or does not load, or its settings are wrong.
    """
    kinds = {one.name: one for one in entry_points(group=GROUP) if not _is_gone(one.module)}
    found = kinds.get(tender.kind)
    if found is None:
        known = ", ".join([HAND, SERVER, *sorted(kinds)])
        sentence = _("[tenders.{name}]: there is no kind {kind}. There are: {known}.")
        raise ConfigError(sentence.format(name=name, kind=tender.kind, known=known))
    settings: dict[str, Any] = {"name": name, **tender.settings}
    if tender.label:
        settings["label"] = tender.label
    if tender.key:
        settings["key"] = tender.key
    try:
        made: Tender = found.load()(settings, sale_id=f"till-{till}", clock=clock)
    except TillError:
        raise
    except Exception as problem:
        _LOG.exception("tender_not_opened", extra={"tender": name})
        sentence = _("[tenders.{name}]: the plug-in {kind} does not start ({error}); it is in the log.")
        raise ConfigError(sentence.format(name=name, kind=tender.kind, error=type(problem).__name__)) from problem
    return made


def _is_gone(module: str) -> bool:
    """Return True for a module of a leaf that is gone."""
    return module.startswith("till.") and not is_here(module)


def at_server(name: str, tender: TenderConfig) -> TenderTraits:
    """Return the traits of a tender of the venue's server.

    Raises:
        ConfigError: the server has no such tender.
    """
    known = {traits.name: traits for traits in AT_SERVER}
    if name not in known:
        sentence = _("[tenders.{name}]: the server answers only for {known}.")
        raise ConfigError(sentence.format(name=name, known=", ".join(known)))
    traits = known[name]
    return replace(traits, label=tender.label or traits.label, key=tender.key or traits.key)


def make_tenders(
    named: Mapping[str, TenderConfig],
    *,
    till: int,
    clock: Clock,
    store: Store,
    currency: str = "",
    cash_at: int | None = None,
) -> tuple[Tenders, list[str]]:
    """Return the tenders of a configuration that can be offered, and the sentences for those that cannot.

    Without configured tenders, there are those by hand in the venue's `currency`, and the tenders of the `store`:
    vouchers and accounts. `cash_at` is the till with a drawer, if this one has none.
    """
    if not named:
        return Tenders(
            hands_in(currency), asked=[ServerTender(traits, store) for traits in AT_SERVER], cash_at=cash_at
        ), []
    by_hand: list[TenderTraits] = []
    asked: list[Tender] = []
    wrong: list[str] = []
    for name, tender in named.items():
        if tender.kind == HAND:
            by_hand.append(traits_by_hand(name, tender))
            continue
        try:
            if tender.kind == SERVER:
                asked.append(ServerTender(at_server(name, tender), store))
                continue
            asked.append(open_tender(name, tender, till=till, clock=clock))
        except TillError as problem:
            _LOG.warning("tender_not_offered", extra={"tender": name, "error": problem.code})
            wrong.append(problem.sentence)
    return Tenders(by_hand, asked, order=tuple(named), cash_at=cash_at), wrong
