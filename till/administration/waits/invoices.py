"""Records of invoices that the tax authority lacks, refused or took with errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.administration.sending import SILENT, describe_sending, sending_state
from till.administration.waiting import Rule, Wait, Waiting
from till.domain.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from till.administration.sending import SendingState
    from till.administration.waiting import Look, Metric

_INVOICES: Final = """
    SELECT (SELECT count(*) FROM cold.fiscal_troubles(%(store)s) AS t WHERE t.state = 'refused'),
        EXISTS (SELECT FROM cold.fiscal_waiting(%(store)s)),
        coalesce((till.venue(%(store)s)->>'fiscal_sender')::integer, 0) > 0,
        (SELECT s.heard_at FROM till.fiscal_senders AS s WHERE s.store_id = %(store)s),
        (SELECT count(*) FROM cold.fiscal_held(%(store)s))
"""


def _for_desk(look: Look) -> Iterator[Waiting]:
    if look.venue.settings.fiscal is None:
        return
    refused, waiting, has_sender, heard, held = look.row(_INVOICES)
    if held:
        words = ngettext("{n} invoice of a revoked till waits", "{n} invoices of a revoked till wait", held)
        yield Waiting(words.format(n=held), _("“invoices” lists them: send or annul each."))
    if refused:
        words = ngettext(
            "The tax agency refused {n} invoice record", "The tax agency refused {n} invoice records", refused
        )
        yield Waiting(words.format(n=refused), _("“invoices” lists them, in its words."))
    if (has_sender or waiting) and (heard is None or look.now - heard > SILENT):
        sentence = _("Invoice records are not sent to the tax agency")
        yield Waiting(sentence, _("Start `till fiscal send`, with the certificate."))


def _sending(look: Look) -> SendingState | None:
    """Return the state of the sending; None if the venue's law wants none."""
    state = sending_state(look.ask("fiscal_status_v1"))
    return state if state.scheme else None


def _in_words(look: Look) -> Iterator[Waiting]:
    if (state := _sending(look)) is None:
        return
    notices = list(describe_sending(state, look.now, look.when))
    for one in notices:
        yield Waiting(one.sentence.removesuffix("."), advice=one.remedy)
    if not notices:
        yield Waiting(_("All records are sent, and none was refused"), advice="")


def _metrics(look: Look) -> Iterator[Metric]:
    if (state := _sending(look)) is not None:
        yield "fiscal_waiting", "Fiscal records that wait for the tax authority.", state.waiting
        yield "fiscal_waiting_since_seconds", "When the oldest of them was made; 0 for none.", _second(state.since)
        yield "fiscal_troubles", "Fiscal records that were refused or have errors.", len(state.troubles)
        yield "fiscal_sender_seen_seconds", "When their sender was last heard; 0 for never.", _second(state.heard_at)


def _second(moment: datetime | None) -> int:
    return round(moment.timestamp()) if moment is not None else 0


_RULES: Final = (
    Rule(
        "TillFiscalSenderSilent",
        "The sender of invoice records is not heard (`till fiscal send` on the machine with the certificate).",
        "till_database_measured_timestamp_seconds - on (store) till_database_fiscal_sender_seen_seconds > 1800"
        " and on (store) till_database_fiscal_sender_seen_seconds > 0",
    ),
    Rule(
        "TillFiscalWaits",
        "Invoice records wait for the tax authority for two hours (`till fiscal status`).",
        "till_database_fiscal_waiting > 0 and time() - till_database_fiscal_waiting_since_seconds > 7200",
        "5m",
    ),
    Rule(
        "TillFiscalRefused",
        "The tax authority refused a record, or took it with errors (`till fiscal status`).",
        "till_database_fiscal_troubles > 0",
    ),
)
AT_DESK: Final = Wait(_for_desk)
SENDING: Final = Wait(_in_words, N_("tax records"), at_desk=False, metrics=_metrics, rules=_RULES)
