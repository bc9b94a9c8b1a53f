"""Tenders of this machine's config: list them, test that their terminal or gateway answers, compare its totals."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from till.cli.administration import management
from till.cli.environment import Surroundings
from till.cli.leaves import add_commands, list_comparison
from till.cli.options import AsJson, TenderName  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, print_table, say
from till.cli.running import make_app
from till.config import HAND, SERVER, held_venue
from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.money.amount import Currency
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.reports.shifts import read_zs

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from till.config import Config, TenderConfig
    from till.ports import Tender, TenderTraits

T = TypeVar("T")

app = make_app(N_("The ways to pay in this machine's config."))

#: Seconds to wait for an answer; a reachable terminal answers at once.
_TEST_S = 20.0


class TenderError(TillError):
    """A tender that does not exist or does not work."""

    code = "tender"
    default = N_("That way to pay does not exist or does not work.")


@app.command("list", epilog=N_("Example: till admin tenders list --json"))
def list_tenders(*, as_json: AsJson = False) -> None:
    """List this machine's ways to pay, in the order shown at the till. None is contacted."""
    from till.wiring.tenders import left_out, left_out_words

    here = checked()
    rows = [_row(here.config, traits) for traits in offered_by(here)]
    if as_json:
        print_json({"tenders": rows})
        return
    heading = [_("Name"), _("Called"), _("Key"), _("Kind"), _("Slip"), _("Change"), _("Drawer")]
    yes = {True: _("yes"), False: ""}
    print_table(
        heading,
        (
            [
                row["tender"],
                row["label"],
                row["key"].upper(),
                row["kind"],
                row["slip"],
                yes[row["change"]],
                yes[row["drawer"]],
            ]
            for row in rows
        ),
    )
    if missing := left_out(here.config, _currency(here)):
        note(left_out_words(missing))


def checked() -> Surroundings:
    """Return this machine's surroundings, with tenders that are clear."""
    from till.wiring.tenders import check_tenders

    here = Surroundings.find()
    check_tenders(here.config.tenders)
    return here


def offered_by(here: Surroundings) -> list[TenderTraits]:
    """Return the traits of the tenders that this machine offers, from the config and the venue of the data folder."""
    from till.register.payments.tenders import AT_SERVER, IN_CASH, hands_in
    from till.wiring.tenders import configured, traits_named

    currency = _currency(here)
    named = [traits_named(name, tender) for name, tender in configured(here.config, currency).items()]
    return [IN_CASH, *(named or (*hands_in(currency), *AT_SERVER))]


def _currency(here: Surroundings) -> str:
    venue = held_venue(here.folders)
    return venue.currency if venue is not None else ""


def _row(config: Config, traits: TenderTraits) -> dict[str, Any]:
    tender = config.tenders.get(traits.name)
    return {
        "tender": traits.name,
        "label": traits.label,
        "key": traits.key,
        "kind": SERVER if traits.needs_server else tender.kind if tender else HAND,
        "slip": "needed" if traits.needs_reference else "optional",
        "change": traits.gives_change,
        "drawer": traits.opens_drawer,
    }


@app.command("test", epilog=N_("Example: till admin tenders test CARD"))
def try_tender(
    name: TenderName,
    *,
    as_json: AsJson = False,
) -> None:
    """Test the connection to the terminal or service of a way to pay. No money moves."""
    from till.ports import HealthCheck

    here = checked()
    tender = _named(here, name)
    if any(traits.name == name and traits.needs_server for traits in offered_by(here)):
        _print(name, _("the venue's server answers for it: `till doctor` checks that it is there"), as_json=as_json)
        return
    if tender is None or tender.kind == HAND:
        _print(name, _("a person says that it was paid; there is nothing to test"), as_json=as_json)
        return
    opened = _open(here, name, tender)
    if not isinstance(opened, HealthCheck):
        _print(name, _("its settings are right; it cannot report its health"), as_json=as_json)
        return
    _print(name, answer_of(name, opened.health()), as_json=as_json)


add_commands(app, "tenders")


@app.command("totals", epilog=N_("Example: till admin tenders totals CARD"))
def show_totals(
    name: TenderName,
    *,
    as_json: AsJson = False,
) -> None:
    """Compare a provider's totals with the till's since its last close: a list with all tills. No money moves."""
    from till.ports import Listing, Totalling

    here = checked()
    opened = open_provider(here, name)
    refused = TenderError(_("{name} has no totals of its own. `till report x` shows the till's.").format(name=name))
    if opened is None:
        raise refused
    if isinstance(opened, Listing) and (compare_list := list_comparison()) is not None:
        compare_list(here, name, opened, as_json=as_json)
        return
    if not isinstance(opened, Totalling):
        raise refused
    with management(here) as admin:
        shift = next((one for one in read_zs(admin.ask, None) if one["till"] == here.config.till.id), None)
        venue = admin.venue()
    totals, currency = answer_of(name, opened.totals()), venue.terms.currency
    sums = shift["tenders"] if shift is not None else []
    here_sum = sum_of(currency.minor(one["amount"]) for one in sums if one["tender"] == name)
    codes = sorted({currency.code, *totals.taken, *totals.given_back})
    there = {code: [side.get(code, NOTHING) for side in (totals.taken, totals.given_back)] for code in codes}
    difference = Minor(there[currency.code][0] - there[currency.code][1] - here_sum)
    if as_json:
        terminal = [
            {"currency": code, "taken": Currency(code).text(taken), "refunded": Currency(code).text(back)}
            for code, (taken, back) in there.items()
        ]
        own = {
            "till": here.config.till.id,
            "opened_at": shift and shift["opened_at"],
            "amount": currency.text(here_sum),
        }
        body = {"tender": name, "period": totals.period, "terminal": terminal, "here": own}
        print_json(body | {"difference": currency.text(difference)})
        return
    rows = [
        (_("The terminal"), money(taken), money(Minor(-back)), money(Minor(taken - back)))
        for code, (taken, back) in there.items()
        for money in [Currency(code).money]
    ]
    rows.append((venue.till_name(here.config.till.id), "", "", currency.money(here_sum)))
    rows.append((_("Difference"), "", "", currency.money(difference)))
    print_table(["", _("Taken"), _("Refunded"), _("Total")], rows, right=(1, 2, 3))
    note(_("The terminal counts since its own closing, for all tills that use it."))
    note(_("The till counts since its last close.") if shift is not None else _("No shift is open at this till."))


def open_provider(here: Surroundings, name: str) -> Tender | None:
    """Open the way to pay of a provider; None for one by hand or at the venue's server."""
    tender = _named(here, name)
    return None if tender is None or tender.kind in {HAND, SERVER} else _open(here, name, tender)


def _open(here: Surroundings, name: str, tender: TenderConfig) -> Tender:
    from till.wiring.parts import WallClock
    from till.wiring.tenders import open_tender

    return open_tender(name, tender, till=here.config.till.id, clock=WallClock())


def _named(here: Surroundings, name: str) -> TenderConfig | None:
    """Return the section of a tender; None for one that has none."""
    names = [traits.name for traits in offered_by(here)]
    if name not in names:
        sentence = _("There is no way to pay called {name}. There are: {known}.")
        raise TenderError(sentence.format(name=name, known=", ".join(names)))
    return here.config.tenders.get(name)


def answer_of(name: str, request: Coroutine[Any, Any, T]) -> T:
    """Return a provider's answer."""
    try:
        return asyncio.run(asyncio.wait_for(request, _TEST_S))
    except TillError:
        raise
    except Exception as problem:
        sentence = _("{name} does not answer ({error}). Look at its cable, its address and its certificate.")
        raise TenderError(sentence.format(name=name, error=type(problem).__name__)) from problem


def _print(name: str, words: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"tender": name, "works": True, "said": words})
        return
    say(f"{name}: {words}")
    note(_("No money moved."))
