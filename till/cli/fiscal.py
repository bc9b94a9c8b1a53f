"""`till fiscal`: the sender of the records that the venue's law wants, how they stand, and their export."""

from __future__ import annotations

import asyncio
import logging
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from msgspec import convert

from till import __version__
from till.administration.sending import describe_end, describe_sending, sending_state
from till.cli import fiscal_export
from till.cli.administration import management
from till.cli.certificates import end_of_file
from till.cli.environment import Surroundings
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, say
from till.cli.refusals import EXIT_REFUSED
from till.cli.running import make_app
from till.cli.secret_files import is_open_to_others
from till.domain.errors import ConfigError
from till.domain.fiscal import FiscalStamp
from till.domain.fiscal_sending import KeptRecord, ListingDifference, compare_listed
from till.domain.i18n import N_, _
from till.domain.text import clean
from till.ports.fiscal import find_scheme
from till.wiring.fiscal import exchange_of, list_day, post_records

if TYPE_CHECKING:
    from datetime import date

    from till.administration.calls import AtServer, AtTill
    from till.config import FiscalConfig
    from till.ports.fiscal import FiscalExchange

#: The records that one read returns.
_PAGE: Final = 1000

app = make_app(N_("Records of invoices for the tax authority."))
fiscal_export.add(app)


@app.callback()
def fiscal() -> None:
    """Records of invoices for the tax authority."""


@app.command(
    epilog=N_(
        "Example: till fiscal send. It runs until stopped (Ctrl+C, SIGTERM), as the unit till-fiscal.service. One "
        "machine of the venue runs it: the one with the certificate."
    )
)
def send() -> None:
    """Send the records that the tills stamped to the tax authority, and keep its answers."""
    from till.cli.connections import prepare_database, secret_of
    from till.journal import JournalHeldError
    from till.wiring.fiscal import send_fiscal

    here = Surroundings.find()
    own = here.config.fiscal
    if not own.till:
        raise ConfigError(_("fiscal.till is not set in the config: enrol one by `till admin tills add 95 --here`."))
    secret_of(here, own.till)
    context, end = _certificate(own)
    for one in describe_end(end, datetime.now(UTC), lambda at: f"{at.astimezone():%Y-%m-%d %H:%M}"):
        note(f"{one.sentence} {one.remedy}")
    logging.getLogger().setLevel(here.config.log.level.upper())
    try:
        asyncio.run(
            send_fiscal(
                here.config,
                here.folders,
                here.venue,
                prepare=lambda tell: prepare_database(here, own.till, tell),
                context=context,
                certificate_ends=end,
                started=lambda to: say(_("Sending to {service}. Ctrl+C stops.").format(service=to)),
            )
        )
    except JournalHeldError as problem:
        raise ConfigError(_("A sender runs on this machine already. {why}").format(why=problem.sentence)) from problem
    note(_("Stopped."))


@app.command(epilog=N_("Example: till fiscal status --json. Exit 1 if a person must do something."))
def status(*, as_json: AsJson = False) -> None:
    """Show how many records wait, since when, and which the tax authority refused, in its words."""
    with management(Surroundings.find()) as admin:
        venue, now, body = admin.venue(), admin.now(), admin.ask("fiscal_status_v1")
    state = sending_state(body)
    if as_json:
        print_json({"fiscal": body})
    elif not state.scheme:
        say(_("The venue has no law that sends records."))
    notices = list(describe_sending(state, now, lambda at: f"{venue.local(at):%Y-%m-%d %H:%M}")) if state.scheme else []
    if not as_json and state.scheme:
        for one in notices:
            say(f"{one.sentence} {one.remedy}".rstrip())
        for trouble in state.troubles:
            say(f"  {trouble.number}  {trouble.code} {clean(trouble.words)}")
        if not notices:
            say(_("All records are sent, and none was refused."))
    if any(one.remedy for one in notices):
        raise typer.Exit(EXIT_REFUSED)


@app.command(
    epilog=N_(
        "Example: till fiscal compare 2027-03-03, on another machine than the sender's, with the certificate. Exit 1 "
        "if a record differs; it then waits for a manager at the desk."
    )
)
def compare(
    day: Annotated[datetime, typer.Argument(metavar="DAY", formats=["%Y-%m-%d"], help=N_("The day of the invoices."))],
    *,
    as_json: AsJson = False,
) -> None:
    """Compare the records of a day with what the tax authority itself lists for it, by number and hash.

    Whoever has the sender's secret can report answers that the authority never gave. The list is asked of it directly.
    """
    here, asked = Surroundings.find(), day.date()
    own = here.config.fiscal
    if own.till:
        note(_("This machine sends the records: who has it could change both. Compare on another one."))
    context, _end = _certificate(own)
    with management(here) as admin:
        law = admin.ask("venue").get("fiscal") or {}
        exchange, settings = exchange_of(law.get("scheme", "")), law.get("settings", {})
        kept = _kept(admin, exchange, asked, exchange.own_group(settings))
        address = own.service or exchange.address(exchange.own_group(settings), has_seal=own.seal)
        listed = asyncio.run(
            list_day(exchange, settings, asked, lambda body: post_records(address, body, context, own.answer_s))
        )
        found = compare_listed(kept, listed)
        if found:
            admin.act("fiscal_differs_v1", asked, "; ".join(_SHORT[what].format(n=n) for n, what in found.items()))
    if as_json:
        print_json({"day": str(asked), "here": len(kept), "listed": len(listed), "differences": found})
    else:
        for number, what in found.items():
            say(_(_SENTENCES[what]).format(number=clean(number)))
        if not found:
            say(_("The {n} invoices that the tax authority lists are those of the venue.").format(n=len(listed)))
    if found:
        raise typer.Exit(EXIT_REFUSED)


_SENTENCES: Final = {
    ListingDifference.LACKS: N_("{number}: the sender reported it as taken, and the tax authority does not list it."),
    ListingDifference.UNKNOWN: N_("{number}: the tax authority lists it, and the venue has no such invoice."),
    ListingDifference.OTHER: N_("{number}: the tax authority has another record of it."),
}
#: The words of the reason that waits for a manager, in English as all reasons are.
_SHORT: Final = {
    ListingDifference.LACKS: "{n} is not there",
    ListingDifference.UNKNOWN: "{n} is not here",
    ListingDifference.OTHER: "{n} is another record there",
}


def _kept(admin: AtServer | AtTill, exchange: FiscalExchange, day: date, group: str) -> list[KeptRecord]:
    """Return the venue's records of the invoices of a day, of its issuer of now."""
    kept: list[KeptRecord] = []
    after = 0
    while rows := admin.ask("fiscal_day_v1", day, after, _PAGE):
        after = rows[-1]["arrival"]
        for row in rows:
            stamp = convert(row, FiscalStamp)
            if exchange.is_of_day(stamp, day) and exchange.group(stamp) == group:
                kept.append(KeptRecord(stamp=stamp, answer=row["answer"], annuls=exchange.annuls(stamp)))
    return kept


@app.command(epilog=N_("Example: till fiscal declaration"))
def declaration() -> None:
    """Show the declaration by which the producer of this program answers for its obedience to the law."""
    with management(Surroundings.find()) as admin:
        law = admin.ask("venue").get("fiscal")
    scheme = find_scheme(law["scheme"]) if law else None
    if scheme is None:
        raise ConfigError(_("The venue has no law that this program knows."))
    say(scheme.declaration(law["settings"], __version__).rstrip())


def _certificate(own: FiscalConfig) -> tuple[ssl.SSLContext | None, datetime | None]:
    """Return the TLS context with the certificate of the venue, and its end; nothing for a service without TLS."""
    if own.service.startswith("http://"):
        return None, None
    if not own.certificate:
        raise ConfigError(_("fiscal.certificate is not set in the config: the PEM file that the authority knows."))
    file = Path(own.certificate).expanduser()
    key = Path(own.certificate_key).expanduser() if own.certificate_key else None
    if is_open_to_others(key or file):
        sentence = _("Others may read the key of the certificate. Close it to them: chmod 600 {file}.")
        raise ConfigError(sentence.format(file=key or file))
    context = ssl.create_default_context()
    try:
        context.load_cert_chain(file, key, password=lambda: "")  # nobody could type a passphrase
        return context, end_of_file(file)
    except (OSError, ValueError) as problem:
        raise ConfigError(
            _("fiscal.certificate cannot be used: {reason}. It needs a certificate and its key, as PEM.").format(
                reason=getattr(problem, "strerror", None) or type(problem).__name__
            )
        ) from problem
