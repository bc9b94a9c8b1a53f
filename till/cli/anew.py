"""Recreation of a venue in an empty database, from the data folder and the journals of its tills."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from till.administration.calls import call
from till.cli.demo_venue import demo_menu, demo_passwords, demo_settings, demo_staff
from till.cli.output import note, say
from till.cli.venues import make_venue, secret_hash, wrong_database
from till.config import HeldVenue, VenueKind, held_venue
from till.domain.i18n import _, ngettext
from till.wiring.known import VenueKnown, look_at_venue

if TYPE_CHECKING:
    import psycopg

    from till.cli.environment import Surroundings


@dataclass(frozen=True, slots=True)
class RecreatedVenue:
    """A venue that was recreated.

    Attributes:
        people: the number of its staff.
        items: the number of items on its menu.
        tills: the numbers of the tills of this folder, which are enrolled again.
    """

    venue: HeldVenue
    people: int
    items: int
    tills: tuple[int, ...]


def recreate_venue(here: Surroundings, connection: psycopg.Connection[Any]) -> RecreatedVenue | None:
    """Recreate the venue of the data folder in a database without a venue; return None if there is nothing to do.

    Store, staff and menu are the newest in the journals of this folder. Its tills are enrolled with the secrets in
    the folder. All of it happens in one transaction. The tills send the orders and sales of their journals later.
    """
    held = held_venue(here.folders)
    if held is None or held.kind is VenueKind.REPLAY:  # `python -m tools.replay` makes its own venue
        return None
    stores = call(connection, "stores_v1")
    if any(store["store"] == held.store_id for store in stores):
        return None
    if stores:
        raise wrong_database(here, stores, held)
    known = look_at_venue(here.folders, held.store_id)
    passwords: dict[int, tuple[str, str]] = {}
    if held.kind is VenueKind.DEMO:
        known.settings = known.settings or demo_settings(held)
        known.staff = known.staff or demo_staff()
        known.menu = known.menu or demo_menu(held)
        passwords = demo_passwords()
    tills = tuple(here.folders.enrolled())
    with connection.transaction():
        settings = known.settings or _configured(here, held)
        if not make_venue(connection, held.store_id, settings, staff=known.staff, passwords=passwords, menu=known.menu):
            return None  # another command was faster
        for till in tills:
            _enrol(here, connection, held.store_id, till, known)
    return RecreatedVenue(held, len(known.staff), len((known.menu or {}).get("items", ())), tills)


def _configured(here: Surroundings, held: HeldVenue) -> dict[str, Any]:
    """Return the settings of the config with the venue's name and currency, for tills that never had a database."""
    import msgspec

    settings: dict[str, Any] = msgspec.to_builtins(here.config.venue)
    return {**settings, "name": held.name, "currency": held.currency}


def _enrol(
    here: Surroundings, connection: psycopg.Connection[Any], store_id: str, till: int, known: VenueKnown
) -> None:
    secret = here.folders.read_secret(till)
    if secret is not None:
        values = (till, known.names.get(till), secret_hash(secret), known.series.get(till, ""))
        call(connection, "till_restore_v1", store_id, None, *values)


def print_recreated(made: RecreatedVenue) -> None:
    """Print what was recreated, and what is left to do."""
    people = ngettext("{n} person", "{n} people", made.people).format(n=made.people)
    items = ngettext("{n} item", "{n} items", made.items).format(n=made.items)
    say(
        _("The venue {name} is rebuilt from its tills: {people}, {items} on the menu.").format(
            name=made.venue.name, people=people, items=items
        )
    )
    if made.tills:
        numbers = ", ".join(map(str, made.tills))
        note(
            ngettext(
                "Till {numbers} sends its records when it opens; `till recover` sends them now.",
                "Tills {numbers} send their records when they open; `till recover` sends them now.",
                len(made.tills),
            ).format(numbers=numbers)
        )
    note(_("Tills of other machines: `till admin tills add NUMBER`, and `till enrol` there."))
    if made.venue.kind is VenueKind.OWN:
        note(_("No till keeps a password: `till admin users set-password NUMBER` gives a manager a new one."))
