"""Tenders of this machine's config: list them, and test that their terminal or gateway answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, print_table, say
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.config import HAND, SERVER
from till.domain.errors import TillError
from till.domain.i18n import _

if TYPE_CHECKING:
    from till.config import Config
    from till.ports import TenderTraits

app = make_app(_("The ways to pay in this machine's config."))

#: Seconds to wait for an answer; a reachable terminal answers at once.
_TEST_S = 20.0


class TenderError(TillError):
    """A tender that does not exist or does not work."""

    code = "tender"
    default = _("That way to pay does not exist or does not work.")


@app.command("list", epilog=_("Example: till admin tenders list --json"))
def list_tenders(*, as_json: AsJson = False) -> None:
    """List this machine's ways to pay, in the order shown at the till. None is contacted."""
    config = _config()
    rows = [_row(config, traits) for traits in offered_by(config)]
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


def _config() -> Config:
    from till.wiring.tenders import check_tenders

    config = Surroundings.find().config
    check_tenders(config.tenders)
    return config


def offered_by(config: Config) -> list[TenderTraits]:
    """Return the traits of the tenders that this machine offers, from the config alone."""
    from till.register.payments.tenders import AT_SERVER, BY_HAND, IN_CASH
    from till.wiring.tenders import traits_named

    named = [traits_named(name, tender) for name, tender in config.tenders.items()]
    return [IN_CASH, *(named or (*BY_HAND, *AT_SERVER))]


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


@app.command("test", epilog=_("Example: till admin tenders test CARD"))
def try_tender(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_("Its name in the config, such as CARD."))],
    *,
    as_json: AsJson = False,
) -> None:
    """Test the connection to the terminal or service of a way to pay. No money moves."""
    from till.ports import HealthCheck
    from till.wiring.parts import WallClock
    from till.wiring.tenders import open_tender

    config = _config()
    names = [traits.name for traits in offered_by(config)]
    if name not in names:
        sentence = _("There is no way to pay called {name}. There are: {known}.")
        raise TenderError(sentence.format(name=name, known=", ".join(names)))
    tender = config.tenders.get(name)
    if any(traits.name == name and traits.needs_server for traits in offered_by(config)):
        _print(name, _("the venue's server answers for it: `till doctor` checks that it is there"), as_json=as_json)
        return
    if tender is None or tender.kind == HAND:
        _print(name, _("a person says that it was paid; there is nothing to test"), as_json=as_json)
        return
    opened = open_tender(name, tender, till=config.till.id, clock=WallClock())
    if not isinstance(opened, HealthCheck):
        _print(name, _("its settings are right; it cannot report its health"), as_json=as_json)
        return
    try:
        health = asyncio.run(asyncio.wait_for(opened.health(), _TEST_S))
    except TillError:
        raise
    except Exception as problem:
        sentence = _("{name} does not answer ({error}). Look at its cable, its address and its certificate.")
        raise TenderError(sentence.format(name=name, error=type(problem).__name__)) from problem
    _print(name, health, as_json=as_json)


def _print(name: str, words: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"tender": name, "works": True, "said": words})
        return
    say(f"{name}: {words}")
    note(_("No money moved."))
