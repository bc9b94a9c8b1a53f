"""A document as a page for a browser: one file, 80 mm wide in print, without scripts and outside resources."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final

from till.domain.paper.bars import BAR_MM, QUIET_BARS, bars_of
from till.domain.paper.code import CODE_MM, QUIET_MODULES, modules_of
from till.domain.paper.document import RowRole
from till.domain.text import clean

if TYPE_CHECKING:
    from till.domain.paper.document import Document, DocumentRow

_STYLE: Final = """
:root { color-scheme: light }
body { font: 12px/1.4 ui-monospace, Menlo, Consolas, monospace; color: #000; background: #fff; width: 72mm; margin: 4mm auto }
p { display: flex; gap: 1ch; margin: 0; min-height: 1.4em }
span { flex: 1; white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0 }
b, i { flex: none; font: inherit; white-space: pre; text-align: right; min-width: 8ch }
.name, .centre, .mark { text-align: center } .centre { text-wrap: balance }
.name, .mark, .heading, .total, .alert { font-weight: bold } .name { font-size: 1.3em } .total, .alert { font-size: 1.4em }
.alert { color: #fff; background: #000; print-color-adjust: exact }
.mark { border: 1px solid; margin-bottom: .6em }
.muted { color: #444 }
svg { display: block; margin: 0 auto }
hr { border: 0; border-top: 1px solid; margin: .3em 0 } hr.double { border-top: 3px double }
@page { size: 80mm auto; margin: 0 }
@media print { body { margin: 4mm } .muted { color: #000 } }
"""  # noqa: E501 - a rule a row
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


def html_of(document: Document) -> str:
    """Return the page of a document."""
    body = "\n".join(map(_row, document.rows))
    return (
        f'<!doctype html>\n<html lang="{_escaped(document.language)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{_escaped(document.title)}</title>'
        f"<style>{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _row(row: DocumentRow) -> str:
    if row.role is RowRole.CODE:
        return code_svg(row.left)
    if row.role in {RowRole.RULE, RowRole.DOUBLE}:
        return f'<hr class="{row.role}">'
    if row.role is RowRole.BARS:
        return f'{_bars_svg(row.left)}<p class="centre"><span>{_escaped(row.left)}</span></p>'
    numbers = [f"<i>{_escaped(number)}</i>" for number in row.middle]
    if row.right or row.middle:
        numbers.append(f"<b>{_escaped(row.right)}</b>")
    return f'<p class="{row.role}"><span>{_escaped(row.left)}</span>{"".join(numbers)}</p>'


def code_svg(text: str) -> str:
    """Return a QR code as a picture in millimetres, a rectangle for each run of dark modules."""
    rows = modules_of(text)
    side = len(rows) + 2 * QUIET_MODULES
    runs, y = [], QUIET_MODULES
    for row in rows:
        x = QUIET_MODULES
        for is_dark, run in groupby(row):
            length = len(list(run))
            if is_dark:
                runs.append(f"M{x} {y}h{length}v1h-{length}z")
            x += length
        y += 1
    width = f"{CODE_MM * side / len(rows):.2f}mm"
    return (
        f'<svg class="code" width="{width}" height="{width}" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<title>{_escaped(text)}</title><path d="{"".join(runs)}"/></svg>'
    )


def _bars_svg(text: str) -> str:
    """Return a barcode as a picture, a rectangle for each run of dark modules."""
    runs, x = [], QUIET_BARS
    for module, run in groupby(bars_of(text)):
        length = len(list(run))
        runs += [f"M{x} 0h{length}v1h-{length}z"] if module == "1" else []
        x += length
    size = f'width="{(x + QUIET_BARS) * BAR_MM:.2f}mm" height="10mm" viewBox="0 0 {x + QUIET_BARS} 1"'
    return f'<svg {size} preserveAspectRatio="none" shape-rendering="crispEdges"><path d="{"".join(runs)}"/></svg>'


def _escaped(text: str) -> str:
    return escape(clean(text))
