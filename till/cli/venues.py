"""Creation of a venue in its database: store, settings, staff, menu and tills. All of it is safe to repeat."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from till.administration.calls import call
from till.administration.item_codes import set_codes, split_codes
from till.cli.connections import LeasedDatabase, prepare_database, take_lease
from till.cli.demo_venue import DEMO_TILLS, demo_codes, demo_menu, demo_passwords, demo_settings, demo_staff
from till.config import HeldVenue, VenueKind, held_venue, hold_venue
from till.domain.advice import Advice
from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.ids import IdClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import psycopg

    from db.address import Address
    from till.cli.environment import Surroundings


def new_secret() -> str:
    """Return a new secret for a till."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """Return the hash of a secret, as the database stores it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_venue(
    connection: psycopg.Connection[Any],
    store_id: str,
    settings: Mapping[str, Any],
    *,
    staff: Iterable[Mapping[str, Any]] = (),
    passwords: Mapping[int, tuple[str, str]] | None = None,
    menu: Mapping[str, Any] | None = None,
) -> bool:
    """Create a venue in one transaction; concurrent callers take turns. Return False if it already exists.

    Args:
        connection: a connection with the owner's rights.
        store_id: its id.
        settings: the settings that `till.domain.venue.read_venue` reads, with tables and promotions.
        staff: a mapping with "number", "name", "role", "pin_hash" and "disabled" for each person.
        passwords: salt and hash by staff number.
        menu: the body of the menu; None for an empty one.
    """
    from db.turns import take_turn

    with connection.transaction():
        take_turn(connection, f"venue {store_id}")
        if any(store["store"] == store_id for store in call(connection, "stores_v1")):
            return False
        body = dict(settings)
        tables, offers = body.pop("tables", ()), [*body.pop("promotions", ()), *body.pop("combos", ())]
        call(connection, "store_create_v1", store_id, body)
        for one in tables:
            call(connection, "table_set_v1", store_id, None, one["table"], one["seats"], one["area"])
        for offer in offers:
            terms = {key: value for key, value in offer.items() if key != "name"}
            call(connection, "promotion_set_v1", store_id, None, offer["name"], terms)
        for person in staff:
            add_person(connection, store_id, person)
        for number, (salt, digest) in (passwords or {}).items():
            call(connection, "user_set_password_v1", store_id, None, number, salt, digest)
        if menu is not None:
            body, codes = split_codes(menu)
            call(connection, "menu_import_v1", store_id, None, body)
            for scheme, own in codes.items():
                set_codes(lambda name, *values: call(connection, name, store_id, None, *values), scheme, own)
    return True


def enrol(
    connection: psycopg.Connection[Any],
    store_id: str,
    till: int,
    secret: str,
    *,
    name: str = "",
) -> None:
    """Enrol a till with a secret, or give an enrolled till a new one."""
    call(connection, "till_enrol_v1", store_id, None, till, name or None, secret_hash(secret))


def add_person(connection: psycopg.Connection[Any], store_id: str, person: Mapping[str, Any]) -> None:
    """Add a person, from the mapping that `make_venue` takes. A disabled person keeps the number."""
    values = (person["number"], person["name"], person["role"], person["pin_hash"] or None)
    call(connection, "user_add_v1", store_id, None, *values)
    if person.get("disabled"):
        call(connection, "user_disable_v1", store_id, None, person["number"])


def prepare_demo(here: Surroundings, till: int, tell: Callable[[str], None]) -> LeasedDatabase:
    """Start the embedded database, make or upgrade the demo venue in it, and enrol this till. Slow the first time."""
    lease = take_lease(here.server, till, tell)
    try:
        _make_demo(here, lease.server.owner(), till, tell)
        return prepare_database(here, till, tell, lease)
    except BaseException:
        lease.release()
        raise


def _make_demo(here: Surroundings, owner: Address, till: int, tell: Callable[[str], None]) -> None:
    from db.engine import connect

    venue = here.venue
    with connect(owner) as connection:
        make_tables(connection, owner, tell)
        secret = here.folders.read_secret(till) or here.folders.keep_secret(till, new_secret())
        if is_enrolled(connection, venue.store_id, till, secret):
            return
        menu = demo_menu(venue)
        if make_venue(
            connection,
            venue.store_id,
            demo_settings(venue),
            staff=demo_staff(),
            passwords=demo_passwords(),
            menu=menu,
        ):
            for scheme, codes in demo_codes(menu, venue).items():
                call(connection, "codes_set_v1", venue.store_id, None, scheme, codes)
        for number in sorted({*range(1, DEMO_TILLS + 1), till}):
            own_secret = here.folders.read_secret(number) or here.folders.keep_secret(number, new_secret())
            if not is_enrolled(connection, venue.store_id, number, own_secret):
                enrol(connection, venue.store_id, number, own_secret)


def make_tables(connection: psycopg.Connection[Any], owner: Address, tell: Callable[[str], None]) -> None:
    """Upgrade an embedded database to this till's version if it is behind. Slow the first time."""
    from db.engine import read_state

    state = read_state(connection)
    if state.verdict == "too_old":
        raise ConfigError(Advice(*state.parts))
    if state.verdict == "behind":
        from db.migrate import upgrade
        from till.administration.law import write_laws

        tell(_("Making the tables. This happens once."))
        upgrade(owner)
        write_laws(connection)


def is_enrolled(connection: psycopg.Connection[Any], store_id: str, till: int, secret: str) -> bool:
    """Return True if a till is enrolled with this secret."""
    query = "SELECT secret_hash FROM till.tills WHERE store_id = %s AND id = %s"
    return connection.execute(query, [store_id, till]).fetchone() == (secret_hash(secret),)


def check_known(here: Surroundings, connection: psycopg.Connection[Any], held: HeldVenue) -> None:
    """Refuse a database that does not hold the venue of the data folder."""
    stores = call(connection, "stores_v1")
    if any(store["store"] == held.store_id for store in stores):
        return
    if not stores:
        sentence = _("The database has no venue. `till db upgrade` rebuilds {name} from its tills.")
        raise ConfigError(sentence.format(name=held.name))
    raise wrong_database(here, stores, held)


def wrong_database(here: Surroundings, stores: Iterable[Mapping[str, Any]], held: HeldVenue) -> ConfigError:
    """Return the error for a database that holds another venue than the data folder."""
    sentence = _(
        "The database holds {names}, and the data folder {folder} holds {name}. "
        "Look at database.url; TILL_DATA_DIR names another folder."
    )
    names = ", ".join(store["name"] for store in stores)
    return ConfigError(sentence.format(names=names, folder=here.folders.root, name=held.name))


def hold_own(here: Surroundings, connection: psycopg.Connection[Any], *, restored: bool = False) -> HeldVenue | None:
    """Record the database's venue in the data folder. If the database has none, make that of the config and return it.

    Do nothing if the folder already holds a venue, or without a config, unless the database was `restored`.
    """
    if held_venue(here.folders) is not None or (here.config_file is None and not restored):
        return None
    from db.turns import take_turn

    with connection.transaction():
        take_turn(connection, "venue own")
        stores = call(connection, "stores_v1")
        if len(stores) > 1:
            names = ", ".join(store["name"] for store in stores)
            raise ConfigError(_("The database holds several venues: {names}. Name one of its own.").format(names=names))
        made = None if stores else _make_own(here, connection)
        found = made or HeldVenue(VenueKind.OWN, stores[0]["store"], stores[0]["name"], stores[0]["currency"])
        hold_venue(here.folders, found)
    return made


def _make_own(here: Surroundings, connection: psycopg.Connection[Any]) -> HeldVenue:
    from datetime import UTC, datetime

    import msgspec

    settings = msgspec.to_builtins(here.config.venue)
    store_id = IdClock(secrets.randbits).next(datetime.now(UTC))
    make_venue(connection, store_id, settings)
    return HeldVenue(VenueKind.OWN, store_id, here.config.venue.name, here.config.venue.currency)
