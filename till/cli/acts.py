"""The acts of people, as `till admin audit show` lists them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from till.administration.settings import change_text
from till.cli.administration import management
from till.cli.asked_days import asked_times
from till.cli.chains import Day, Till  # noqa: TC001 - typer reads the annotations
from till.cli.options import AsJson, CsvFile  # noqa: TC001 - typer reads the annotations
from till.cli.output import Figure, check_one_stream, csv_text, note, print_json, print_table, write_file
from till.cli.surroundings import Surroundings
from till.domain.conflict import kind_in_words
from till.domain.events.envelope import SERVER, read_time
from till.domain.i18n import _, ngettext
from till.domain.payment.names import in_words, tender_name
from till.domain.staff.rights import ACTS_IN_WORDS
from till.reports.words import amount_text, formats_of

if TYPE_CHECKING:
    from till.domain.venue import Venue
    from till.reports.acts import Act

#: The words for each type of event; `{…}` is filled in from its details.
_WORDS: Final = {
    "line_voided": _("voided {sent}"),
    "order_discarded": _("cleared {sent}"),
    "discount_applied": _("discounted {percent} {name}"),
    "order_granted": _("took over"),
    "quantity_changed": _("voided pieces {sent}"),
    "change_undone": _("corrected: undone"),
    "payment_voided": _("refunded a payment: {tender}"),
    "refund_started": _("refunded {sold} in {tender}, {receipt}"),
    "refund_declined": _("gave up refund {receipt}"),
    "tender_corrected": _("corrected the tender: {tender}, not {was}"),
    "tip_corrected": _("corrected the tip: {tip}, not {was}"),
    "lines_moved": _("moved lines"),
    "record_set_aside": _("skipped a record"),
    "approval_given": _("was allowed: {act}"),
    "conflict_found": _("found: {kind}"),
    "sale_contested": _("found: a sale lists contents of another order"),
    "conflict_resolved": _("settled a conflict"),
    "quarantine_resolved": _("settled record {quarantine}"),
    "records_settled": _("settled {records} records of till {till}"),
    "sale_booked": _("booked the sale of record {quarantine}"),
    "erased": _("erased free text"),
    "login_refused": _("wrong PIN for {user}"),
    "settings_changed": _("changed settings: {changes}"),
    "till_enrolled": _("enrolled till {till}"),
    "enrolment_made": _("made an enrolment code for till {till}: {kind}"),
    "till_renamed": _("renamed till {till}"),
    "till_revoked": _("revoked till {till}"),
    "till_adopted": _("adopted a journal for till {till}"),
    "backlog_taken": _("accepted the backlog of till {till}"),
    "user_added": _("added {user} as {role}"),
    "user_disabled": _("disabled {user}"),
    "user_enabled": _("enabled {user}"),
    "user_renamed": _("renamed {user}"),
    "role_set": _("made {user} {role}"),
    "user_unlocked": _("unlocked {user}"),
    "pin_set": _("set the PIN of {user}"),
    "password_set": _("set the password of {user}"),
    "voucher_issued": _("issued voucher {voucher_id}"),
    "voucher_voided": _("voided voucher {voucher_id}"),
    "account_set": _("set the house account of {customer_id} to {limit}"),
    "account_paid_off": _("took money for the house account of {customer_id}: {tender}"),
    "customer_added": _("added customer {customer_id}"),
    "customer_erased": _("erased customer {customer_id}"),
    "promotion_set": _("set the promotion {name}"),
    "promotion_removed": _("removed the promotion {name}"),
    "table_set": _("set table {table_number} to {seats} seats"),
    "booking_made": _("booked for {covers}: {booking_id}"),
    "booking_cancelled": _("cancelled booking {booking_id}"),
    "booking_missed": _("no-show: booking {booking_id}"),
    "booking_erased": _("erased booking {booking_id}"),
    "menu_imported": _("imported menu {version}"),
    "item_sold_out": _("marked an item sold out or on sale"),
}


def _read_kind(typed: str) -> str:
    from till.reports.acts import KINDS

    kind = "-".join(typed.casefold().replace("-", " ").split())
    if kind not in KINDS:
        names = ", ".join(f"'{name}'" for name in KINDS)
        raise typer.BadParameter(_("'{typed}' is not one of {known}.").format(typed=typed, known=names))
    return kind


def show(
    *,
    day: Day = None,
    till: Till = None,
    user: Annotated[
        int | None,
        typer.Option(min=0, max=1_000_000_000, metavar="N", help=_("Only acts done or approved by this staff number.")),
    ] = None,
    what: Annotated[
        list[str] | None,
        typer.Option(
            parser=_read_kind,
            metavar="W",
            help=_(
                "Only voided, cleared, discounted, taken-over, corrected, given-back, refunded, put-right, "
                "approved, moved, set-aside, found, settled, erased, refused or administered; may be repeated."
            ),
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help=_("Rows per page."))] = 50,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help=_("The `next` value of the previous page."))
    ] = None,
    as_json: AsJson = False,
    csv: CsvFile = None,
) -> None:
    """Show who did what, newest first: voids, discounts, takeovers, approvals and administration."""
    from till.reports.acts import ActFilter, CursorError, read_acts

    check_one_stream(csv, as_json=as_json)
    with management(Surroundings.find()) as admin:
        venue = admin.venue()
        begins, ends = asked_times(admin, venue, day)
        act_filter = ActFilter(begins, ends, till, user, tuple(what or ()))
        try:
            page = read_acts(admin.ask, admin.store_id, act_filter, venue.terms.currency, limit=limit, after=after)
        except CursorError as problem:  # a usage error, as in `sessions list`
            raise typer.BadParameter(problem.sentence) from problem
    if csv is not None:
        write_file(csv, _to_csv(page.acts, formats_of(venue).point))
    if as_json:
        print_json({"acts": page.acts, "next": page.next})
    elif csv is None:
        _print(page.acts, venue)
    if page.next is not None and not as_json:
        note(_("There are more: --after {cursor}").format(cursor=page.next))


def _print(acts: list[Act], venue: Venue) -> None:
    heading = [_("When"), _("Who"), _("What"), _("Order"), _("Pieces"), _("Amount"), _("Till"), _("Approved"), _("Why")]
    point = formats_of(venue).point
    rows = (
        [
            f"{venue.local(read_time(act['at'])):%Y-%m-%d %H:%M:%S}",
            _who(act),
            " ".join(filter(None, (_describe(act, point), ", ".join(act["items"])))),
            ", ".join(act["receipts"]) or act["session"] or "",
            "" if act["pieces"] is None else str(act["pieces"]),
            "" if act["amount"] is None else amount_text(venue, act["amount"], act["currency"]),
            str(act["till"] or _("server")),
            str(act["approved_by"] or ""),
            act["reason"],
        ]
        for act in acts
    )
    print_table(heading, rows, right=(4, 5))
    note(ngettext("{n} act.", "{n} acts.", len(acts)).format(n=len(acts)))


def _who(act: Act) -> str:
    if act["user"] is None:
        return _("the server, or the database owner")
    return " ".join(filter(None, (str(act["user"]), act["name"])))


def _describe(act: Act, point: str) -> str:
    details: dict[str, Any] = {name: str(value) for name, value in act["details"].items()}
    if "percent" in details:
        details["percent"] = f"{details['percent'].replace('.', point)} %"
    if "act" in details:
        details["act"] = ACTS_IN_WORDS.get(details["act"], details["act"])
    if "kind" in details:
        details["kind"] = kind_in_words(details["kind"])
    if "tip" in details:
        details |= {name: details[name].replace(".", point) for name in ("tip", "was")}
    for name in {"tender", "was"} & details.keys():
        details[name] = in_words(tender_name(details[name]))
    if "sent" in details:
        details["sent"] = _("after it was sent")
    if "changes" in act["details"]:
        changes = act["details"]["changes"]
        details["changes"] = ", ".join(one if isinstance(one, str) else change_text(one, point) for one in changes)
    words = _WORDS.get(act["type"], act["type"].replace("_", " "))
    if act["type"] == "payment_voided" and act["till"] == SERVER:
        words = _("gave up a payment, nothing was taken: {tender}")
    described = " ".join(words.format_map(_Details(details)).split())
    return _("{act}, undone").format(act=described) if "undone" in details else described


class _Details(dict[str, Any]):
    """The details of an act; a missing one is empty text."""

    def __missing__(self, key: str) -> str:
        return ""


def _to_csv(acts: list[Act], point: str) -> str:
    names = (
        "at",
        "user",
        "name",
        "what",
        "type",
        "receipts",
        "session",
        "items",
        "pieces",
        "amount",
        "currency",
        "till",
    )
    rows = (
        (
            act["at"],
            str(act["user"] or ""),
            act["name"],
            act["kind"],
            act["type"],
            " ".join(act["receipts"]),
            act["session"],
            ", ".join(act["items"]),
            Figure("" if act["pieces"] is None else act["pieces"]),
            Figure(act["amount"] or ""),
            act["currency"],
            str(act["till"]),
            str(act["approved_by"] or ""),
            act["reason"],
            act["id"],
            json.dumps(act["details"], ensure_ascii=False),
        )
        for act in acts
    )
    return csv_text((*names, "approved_by", "reason", "id", "details"), rows, point)
