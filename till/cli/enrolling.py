"""This machine, for acts that enrol a till on it, or make a link for a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.administration.acts.printers import check_alone
from till.administration.acts.tills import AdoptTill, EnrolHere, StopMoney, TillTakenError, named_stations
from till.cli.serving import find_url
from till.cli.venues import new_secret, secret_hash
from till.config.phones import Phones, link_of
from till.domain.errors import TillError
from till.domain.i18n import _
from till.ports.desk import PhoneLink

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.cli.environment import Surroundings


class OwnMachine(Struct, frozen=True):
    """This machine: its tills, and those of phones."""

    here: Surroundings

    def enrol(
        self,
        at: AtServer,
        number: int,
        name: str,
        stations: tuple[str, ...] | None,
        *,
        replace: bool,
        no_money: bool | None = False,
    ) -> bool:
        """Enrol this machine as a till. Return True if it is a screen of the kitchen.

        Args:
            at: the server, with the rights of the owner.
            number: the till.
            name: its name; empty to keep the present one.
            stations: see `EnrolTill`.
            replace: True to shut out another machine with that number.
            no_money: True for a till that takes no money; None if one that is replaced stays what it was.
        """
        from till.reports.tills import read_tills
        from till.wiring.parts import find_own_journal

        folders = self.here.folders
        own_secret = folders.read_secret(number) or folders.next_secret(number)  # the next one: it was interrupted
        elsewhere = at.ask("till_is_elsewhere_v1", number, secret_hash(own_secret) if own_secret else None)
        tills_by_number = {row["till"]: row for row in read_tills(at.ask)}
        if elsewhere and not (replace or tills_by_number[number]["revoked"]):
            sentence = _("Till {n} is enrolled on another machine. Take another number; --replace shuts that one out.")
            raise TillTakenError(sentence.format(n=number))
        if stations is None:
            check_alone(at, number)
        live = tills_by_number[number]["journal"] if number in tills_by_number else None
        journal = find_own_journal(folders.journal(number), till=number, store_id=at.store_id)
        is_retired = bool(journal) and journal != live and at.ask("journal_has_v1", journal, 0, None)
        at.author()
        secret, is_new = own_secret or new_secret(), folders.read_secret(number) is None
        if is_new:
            folders.keep_next_secret(number, secret)  # until the server has it
        try:
            with at.connection.transaction():  # both or neither: a till whose journal is not adopted cannot sell
                EnrolHere(number, name or None, secret_hash(secret), named_stations(at, stations)).do(at)
                if no_money or (no_money is None and not (elsewhere and number in tills_by_number)):
                    StopMoney(number).do(at)
                if elsewhere and live and (journal is None or is_retired):
                    AdoptTill(number).do(at)  # its journal is on another machine
        except TillError:
            if is_new:
                folders.drop_next_secret(number)
            raise
        if is_new:
            folders.take_next_secret(number)
        if journal != "":  # it is damaged: the till replaces it
            folders.name_journals(number, [journal] if journal and not is_retired else [])
        is_kitchen = {row["till"]: row["stations"] for row in read_tills(at.ask)}[number] is not None
        folders.note_kitchen(number, is_kitchen=is_kitchen)
        folders.note_sender(number, is_sender=at.venue().settings.fiscal_sender == number)
        return is_kitchen

    def check_serving(self) -> None:
        """Refuse a machine whose address phones do not know.

        Raises:
            ConfigError: serve.url is not set, and cannot be found.
        """
        self._url()

    def _url(self) -> str:
        return find_url(self.here, self.here.config.serve)

    def link(self, number: int, venue: str = "", language: str = "") -> PhoneLink:
        """Return a new link for the phone of a till of this machine; the phone that had one is out at once."""
        url = self._url()
        folders = self.here.folders
        if folders.read_secret(number) is None or folders.is_kitchen(number):
            sentence = _(
                "Till {n} is not enrolled on this machine. A manager's `till admin tills add {n} --no-money`, on any "
                "machine, prints a code: type it at `till enrol` here, on the machine of `till serve`."
            )
            raise TillTakenError(sentence.format(n=number))
        return PhoneLink(number, link_of(url, Phones(folders).new_link(number, venue, language)))

    def is_phone(self, number: int) -> bool:
        """Return True if a till of this machine is a phone's."""
        return Phones(self.here.folders).is_phone(number)
