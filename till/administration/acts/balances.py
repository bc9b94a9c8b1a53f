"""Acts on vouchers and house accounts, whose balances the server keeps."""

from __future__ import annotations

import secrets
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from typing_extensions import override

from till.administration.acts.act import OwnerAct, TypedAct
from till.administration.listing import time_words
from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.payment.codes import digest_of, hint_of, make_code, shown_code
from till.domain.structs import replace
from till.domain.text import clean
from till.ports.desk import Prepared
from till.ports.shell import ShellField
from till.reports.words import money_text, read_amount

if TYPE_CHECKING:
    from typing import Self

    from till.administration.calls import AtServer


class VoucherError(TillError):
    """A voucher that cannot be found or issued."""

    code = "voucher"
    default = N_("That voucher cannot be found or issued.")


class IssueVoucher(OwnerAct, frozen=True):
    """Issue a voucher. The result is its facts, with the code, which is shown only once.

    Attributes:
        amount: its value, as typed.
        expires: the last day on which it is valid; empty for none.
        unpaid: True if it can be spent only once a till has taken the cash for it.
        by: the tender that paid it; empty for one that was given away.
    """

    call = "voucher_issue_v3"

    amount: str
    expires: str = ""
    unpaid: bool = False
    by: str = ""

    @override
    def checked(self) -> Self:
        self._last_day()
        return self

    @override
    def do(self, at: AtServer) -> dict[str, Any]:
        code, worth, last = make_code(secrets.randbelow), read_amount(at.venue(), self.amount), self._last_day()
        voucher = at.act(self.call, digest_of(code), hint_of(code), worth, last, self.unpaid, self.by.upper() or None)
        shown = {"voucher": str(voucher), "code": shown_code(code), "amount": str(worth)}
        return {**shown, "expires": self.expires or None, "unpaid": self.unpaid}

    def _last_day(self) -> date | None:
        try:
            return date.fromisoformat(self.expires) if self.expires else None
        except ValueError as problem:
            sentence = _("“{day}” is not a date: write it as 2027-12-31.")
            raise VoucherError(sentence.format(day=clean(self.expires)[:40])) from problem


class VoidVoucher(OwnerAct, frozen=True):
    """Make a voucher worthless.

    Attributes:
        voucher: the id.
        hint: the end of its code.
        currency: the currency of its balance.
    """

    call = "voucher_void_v1"

    voucher: str
    hint: str
    currency: str

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return (self.voucher,)

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        left = money_text(at.venue(), str(answer), self.currency)
        return _("…{hint} is void; {left} was left on it.").format(hint=self.hint, left=left)


class AccountAct(OwnerAct, frozen=True):
    """An act on a house account."""

    call = "account_set_v1"

    customer: Annotated[str, ShellField("ID", N_("A customer's id, from `till admin customers list`."), is_id=True)]


class OpenAccount(AccountAct, frozen=True):
    """Open a house account, so that a customer can pay later up to a limit, or reopen a closed one."""

    shell = "accounts open ID 5000"

    limit: Annotated[str, ShellField("AMOUNT", N_("The most the guest may owe, in the venue's money."))]

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.customer, read_amount(at.venue(), self.limit), False

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        venue = at.venue()
        return _("Up to {limit} may be owed.").format(limit=money_text(venue, str(read_amount(venue, self.limit))))


class LimitAccount(OpenAccount, frozen=True):
    """Change the limit of an account. The balance owed does not change."""

    shell = "accounts limit ID 8000"


class CloseAccount(AccountAct, frozen=True):
    """Close a house account. A balance stays owed, and can still be paid off."""

    shell = "accounts close ID"
    done = N_("The account is closed.")

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.customer, None, True


class PayOffAccount(AccountAct, frozen=True):
    """Record what reached the bank, or a loss. Cash at a till is `pay off NAME AMOUNT` there: it is in its drawer.

    It is not turnover: the sales were. If the guest has a credit, record an amount given back to them.
    """

    shell = "accounts pay-off ID 1200 --by card"
    call = "account_pay_off_v1"

    amount: Annotated[str, ShellField("AMOUNT", N_("The amount paid, or given back."))]
    by: Annotated[
        str, ShellField("WAY", N_("card, transfer, or cash that no till took; loss writes it off."), "--by")
    ] = "transfer"

    @override
    def values(self, at: AtServer) -> tuple[Any, ...]:
        return self.customer, read_amount(at.venue(), self.amount), self.by.upper()

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        sentence = _("Recorded. {owed} is still owed.")
        if Decimal(answer) < 0:
            sentence = _("Recorded. {owed} of the guest's credit is left.")
        return sentence.format(owed=money_text(at.venue(), str(answer).lstrip("-")))


class CorrectPayOff(TypedAct, frozen=True):
    """Reverse a pay-off that was never paid: the guest owes it again. It moves no cash.

    Once for each pay-off, whether a till or a shell recorded it. If its till undoes it later, the account stays as
    it is.
    """

    shell = "accounts correct ID 4f2a91c3"
    call = "account_correct_v1"
    of_owner = True
    words = (r"(?:correct|reverse) pay-?off …?(?P<pay_off>[0-9a-f-]{6,36})",)
    helped = (("pay-offs · correct pay-off 4f2a91c3", N_("What guests paid off; one that was never paid")),)

    customer: Annotated[str, ShellField("ID", N_("A customer's id, from `till admin customers list`."), is_id=True)] = (
        ""
    )
    pay_off: Annotated[
        str, ShellField("PAYOFF", N_("Its id, or the end that `till admin accounts statement` shows."))
    ] = ""

    @override
    def look_up(self, at: AtServer) -> Prepared:
        found, venue = at.ask("pay_offs_v1", self.pay_off), at.venue()
        if len(found) != 1:
            sentence = _("Several pay-offs end like that: type more of the id.")
            raise VoucherError(sentence if found else _("There is no such pay-off. “pay-offs” lists them."))
        row = found[0]
        act = replace(self, customer=row["customer"], pay_off=row["pay_off"])
        facts = (
            (_("Guest"), clean(row["guest"]) or _("erased")),
            (_("Amount"), money_text(venue, row["amount"], row["currency"])),
            (_("Paid"), time_words(venue, row["at"])),
            (_("Till"), venue.till_name(row["till"]) if row["till"] else _("none")),
        )
        return Prepared(act, _("Reverse a pay-off"), facts)

    @override
    def sentence(self, at: AtServer, answer: Any) -> str:
        sentence = _("The pay-off is reversed: {owed} is owed.")
        if Decimal(answer) < 0:
            sentence = _("The pay-off is reversed: the guest has a credit of {owed}.")
        return sentence.format(owed=money_text(at.venue(), str(answer).lstrip("-")))
