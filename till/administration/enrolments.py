"""Enrolments: the code that a manager takes to a machine to make it a till of the venue."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.payment.codes import CodeError, digest_of, make_code, read_code, shown_code
from till.ports.desk import Enrolment

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.ports.desk import Enrolling

#: The till's number, then the code.
_WRITTEN: Final = re.compile(r"\s*0*([1-9][0-9]{0,2})\s*[-–— ]\s*(\S.*)", re.DOTALL)


class EnrolmentError(TillError):
    """An enrolment code that cannot be read."""

    code = "enrolment"
    default = _("That is not an enrolment.")


def make_enrolment(at: AtServer, till: int, kind: Enrolling, name: str | None = None) -> Enrolment:
    """Make a code for a till, replacing any before it: `2-K7QM-4T9X-ABCD-EFG2`. Nothing changes until it is used.

    It is not kept anywhere: a lost one is replaced by another.

    Raises:
        AdministrationError: the server refuses: the number sells already, or there is no such till.
    """
    code = make_code(secrets.randbelow)
    ends = at.act("enrolment_make_v1", till, str(kind), name, digest_of(code))
    return Enrolment(till, f"{till}-{shown_code(code)}", ends)


def read_enrolment(text: str) -> tuple[int, str]:
    """Return the till's number and the code in a typed text or a file.

    It may be in lower case, with spaces or dashes.

    Raises:
        EnrolmentError: it is none, or mistyped.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise EnrolmentError(
            _("An enrolment looks like 2-K7QM-4T9X-ABCD-EFG2. A manager makes one: till admin tills add 2.")
        )
    try:
        return int(found[1]), read_code(found[2].strip())
    except CodeError as problem:
        raise EnrolmentError(_("That enrolment does not match. Check it: it has no 0, O, 1 or I.")) from problem
