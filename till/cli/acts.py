"""The acts of people, as `till admin audit show` lists them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from till.administration.settings import change_text
from till.cli.administration import management
from till.cli.asked_days import asked_times
from till.cli.chains import Day, Till  # noqa: TC001 - typer reads the annotations
from till.cli.environment import Surroundings
from till.cli.options import AsJson, CsvFile  # noqa: TC001 - typer reads the annotations
from till.cli.output import PrintedFigure, check_one_stream, csv_text, note, print_json, print_table, write_file
from till.domain.conflict import kind_in_words
from till.domain.events.envelope import SERVER, read_time
from till.domain.i18n import N_, _, ngettext
from till.domain.payment.events import PaymentVoided
from till.domain.payment.names import in_words, tender_name
from till.domain.staff.rights import ACTS_IN_WORDS
from till.domain.streams import REGISTRY
from till.reports.words import amount_text, formats_of

if TYPE_CHECKING:
    from till.domain.venue import Venue
    from till.reports.acts import AuditEntry

#: The columns of the file.
_CSV: Final = (
    "at", "user", "name", "what", "type", "receipts", "session", "items", "pieces", "amount", "currency", "till",
    "approved_by", "reason", "id", "details",
)  # fmt: skip


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
        typer.Option(
            min=0, max=1_000_000_000, metavar="N", help=N_("Only acts done or approved by this staff number.")
        ),
    ] = None,
    what: Annotated[
        list[str] | None,
        typer.Option(
            parser=_read_kind,
            metavar="W",
            help=N_(
                "Only voided, cleared, discounted, taken-over, suspended, resumed, corrected, given-back, refunded, "
                "put-right, approved, moved, set-aside, found, settled, erased, refused or administered; "
                "may be repeated."
            ),
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help=N_("Rows per page."))] = 50,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help=N_("The `next` value of the previous page."))
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


def _print(acts: list[AuditEntry], venue: Venue) -> None:
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
    print_table(heading, rows, right=(4, 5), whole=(0,))
    note(ngettext("{n} act.", "{n} acts.", len(acts)).format(n=len(acts)))


def _who(act: AuditEntry) -> str:
    if act["user"] is None and act["name"] is None:
        return _("the server, or the database owner")
    return " ".join(filter(None, (str(act["user"] or ""), act["name"])))


def _describe(act: AuditEntry, point: str) -> str:
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
    if act["type"] in {"order_parked", "order_resumed"} and "user" in details:
        details["for_user"] = _("for {user}").format(user=details["user"])
    if "sent" in details:
        details["sent"] = _("after it was sent")
    if "changes" in act["details"]:
        changes = act["details"]["changes"]
        details["changes"] = ", ".join(one if isinstance(one, str) else change_text(one, point) for one in changes)
    kind = REGISTRY.find(act["type"])
    words = (kind.audited if kind is not None else "") or act["type"].replace("_", " ")
    if kind is PaymentVoided and act["till"] == SERVER:
        words = PaymentVoided.audited_by_server
    described = " ".join(words.format_map(_Details(details)).split())
    return _("{act}, undone").format(act=described) if "undone" in details else described


class _Details(dict[str, Any]):
    """The details of an act; a missing one is empty text."""

    def __missing__(self, key: str) -> str:
        return ""


def _to_csv(acts: list[AuditEntry], point: str) -> str:
    return csv_text(_CSV, (_csv_row(act) for act in acts), point)


def _csv_row(act: AuditEntry) -> list[Any]:
    cells: dict[str, Any] = {
        **act,
        "what": act["kind"],
        "user": str(act["user"] or ""),
        "receipts": " ".join(act["receipts"]),
        "items": ", ".join(act["items"]),
        "pieces": PrintedFigure("" if act["pieces"] is None else act["pieces"]),
        "amount": PrintedFigure(act["amount"] or ""),
        "till": str(act["till"]),
        "approved_by": str(act["approved_by"] or ""),
        "details": json.dumps(act["details"], ensure_ascii=False),
    }
    return [cells[name] for name in _CSV]
