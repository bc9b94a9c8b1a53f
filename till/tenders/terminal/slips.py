"""The slips of a terminal, with an answer or before it, as lines of text to show or print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.payment.slips import is_kept_whole
from till.domain.text import clean
from till.ports.tender import Slip
from till.tenders.terminal.words import form_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from till.tenders.terminal.messages import OutputText, PaymentReceipt, PrintOutput

#: The most lines of a slip, and their width.
_LINES: Final = 120
_WIDTH: Final = 96
_GUESTS: Final = "CustomerReceipt"


def slips_of(receipts: Iterable[PaymentReceipt]) -> tuple[Slip, ...]:
    """Return the slips with text, in the order of the answer."""
    return tuple(
        Slip(
            lines=lines,
            for_guest=receipt.document_qualifier == _GUESTS,
            to_be_signed=receipt.required_signature_flag,
        )
        for receipt in receipts
        if any(lines := tuple(line[:_WIDTH].rstrip() for line in _lines(receipt.output_content.output_text[:_LINES])))
    )


def whole_slip(printed: PrintOutput) -> Slip | None:
    """Return the slip to print; None if it has no text, or is too large to keep."""
    texts = printed.output_content.output_text
    lines = tuple(line.rstrip() for line in _lines(texts[: _LINES + 1]))
    if not any(lines) or len(texts) > _LINES or any(len(line) > _WIDTH for line in lines) or not is_kept_whole(lines):
        return None
    return Slip(
        lines=lines,
        for_guest=printed.document_qualifier == _GUESTS,
        to_be_signed=printed.required_signature_flag,
    )


def _lines(texts: tuple[OutputText, ...]) -> Iterator[str]:
    """Yield the lines. A text without an end of line continues in the next text."""
    line = ""
    for text in texts:
        line += _plain(text.text)
        if text.end_of_line_flag:
            yield line
            line = ""
    if line:
        yield line


def _plain(text: str) -> str:
    """Return a text; for a form, its name and value."""
    if text.startswith(("name=", "key=", "value=")):
        form = form_of(text) or {"value": text}
        text = "  ".join(form[part] for part in ("name", "value") if part in form)
    return clean(text[: 4 * _WIDTH])
