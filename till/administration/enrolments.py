"""The reading of enrolment codes, which make a machine a till of the venue."""

from __future__ import annotations

import re
from typing import Final

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.payment.codes import CodeError, read_code

#: The till's number, followed by the code.
_WRITTEN: Final = re.compile(r"\s*0*([1-9][0-9]{0,2})\s*[-–— ]\s*(\S.*)", re.DOTALL)


class EnrolmentError(TillError):
    """An enrolment code that cannot be read."""

    code = "enrolment"
    default = N_("That is not an enrolment.")


def read_enrolment(text: str) -> tuple[int, str]:
    """Return the till's number and the code from a typed text or a file.

    Lower case, spaces and dashes are accepted.
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
