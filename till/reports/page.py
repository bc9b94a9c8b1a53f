"""Output of a report as a single HTML page without other files: figures, and a table with bars for each part."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, Final

from till.domain.i18n import _, spoken
from till.domain.text import clean
from till.reports.report import ColumnKind
from till.reports.words import FIGURES, heading_words, span_words, value_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.reports.report import Column, ReportResult, ReportTable

#: The length of the longest bar, in hundredths of its cell.
_LONGEST: Final = 100.0
_STYLE: Final = """
:root { color-scheme: light; --text: #16181d; --muted: #5c6470; --line: #d5d9e0; --bar: #7c8696; --mark: #16181d }
* { box-sizing: border-box }
body { font: 14px/1.4 system-ui, sans-serif; color: var(--text); background: #fff; margin: 2rem auto; max-width: 68rem; padding: 0 1rem }
header { border-bottom: 2px solid var(--text); margin-bottom: 1rem }
h1 { font-size: 1.6rem; margin: 0 }
header p, .note { color: var(--muted); margin: .2rem 0 .6rem }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .4rem 1rem; margin: 0 0 1rem }
dt { color: var(--muted); font-size: .85rem } dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums } dd small { color: var(--muted); display: block; font-size: .85rem }
main { columns: 2 30rem; column-gap: 2rem }
section { break-inside: avoid; margin: 0 0 1.2rem }
h2 { font-size: 1rem; margin: 0 0 .2rem; border-bottom: 1px solid var(--line) }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th { text-align: left; font-weight: normal; color: var(--muted) }
td, th { padding: .1rem .4rem .1rem 0; vertical-align: middle }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.b { width: 34% } svg { display: block; width: 100%; height: .9rem } rect { fill: var(--bar) } line { stroke: var(--mark); stroke-width: 1.2 }
@media print { body { margin: 0; max-width: none; font-size: 10px; padding: 0 } h1 { font-size: 16px } section { margin-bottom: .5rem } @page { size: A4; margin: 12mm } }
"""  # noqa: E501 - a rule a row


def page(found: ReportResult) -> str:
    """Return the page of a report. If it is compared with earlier days, each bar has a mark at its length then."""
    title = heading_words(found)
    before = ""
    if found.before is not None:
        before = _("│ {days}").format(days=span_words(found.before.span))
    subtitle = f"{found.report.title} {before}".strip()
    head = f"<header><h1>{escape(title)}</h1><p>{escape(subtitle)}</p></header>"
    head += _note(found.sentence)
    body = "".join((head, _figures(found), "<main>", *_sections(found), "</main>", _note(found.report.omitted)))
    return (
        f'<!doctype html><html lang="{spoken()}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>{body}</body></html>\n'
    )


def _note(sentence: str) -> str:
    return f'<p class="note">{escape(sentence)}</p>' if sentence else ""


def _figures(found: ReportResult) -> str:
    cells = "".join(
        f"<div><dt>{escape(column.heading)}</dt>"
        f"<dd>{escape(value_text(found, column, value))}{_was(found, column, was)}</dd></div>"
        for column, value, was in found.figures_beside
        if value or was
    )
    return f"<dl>{cells}</dl>" if cells else ""


def _was(found: ReportResult, column: Column, was: Any) -> str:
    return "" if was is None else f" <small>│ {escape(value_text(found, column, was))}</small>"


def _sections(found: ReportResult) -> Iterator[str]:
    tables = found.tables_beside
    if not any(table.rows for table in tables):
        yield f"<p>{escape(found.nothing())}</p>"
    for table in tables:
        if table.rows:
            columns = [column for column in table.section.columns if column.kind is not ColumnKind.ID]
            title = escape(table.section.title or table.section.name)
            first, more = found.printed(table)
            notes = f"{_note(more)}{_note(table.section.omitted)}"
            yield f"<section><h2>{title}</h2>{_table(found, first, columns)}{notes}</section>"
        elif found.report.tells_empty:
            yield f"<section>{_note(found.nothing(table))}{_note(table.section.omitted)}</section>"


def _table(found: ReportResult, table: ReportTable, columns: list[Column]) -> str:
    charted = next((place for place, column in enumerate(columns, 1) if column.name == table.section.chart), None)
    heads = [f"<th{_alignment(column)}>{escape(column.heading)}</th>" for column in columns]
    bars = [f'<td class="b">{_bar(*bar)}</td>' for bar in found.bars(table)] if charted is not None else []
    rows = []
    for number, row in enumerate(table.rows):
        values = {column.name: value for column, value in zip(table.section.columns, row, strict=True)}
        cells = [
            f"<td{_alignment(column)}>{escape(clean(value_text(found, column, values[column.name])))}</td>"
            for column in columns
        ]
        if charted is not None:
            cells.insert(charted, bars[number])
        rows.append(f"<tr>{''.join(cells)}</tr>")
    if charted is not None:
        heads.insert(charted, '<th class="b"></th>')
    return f"<table><thead><tr>{''.join(heads)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _alignment(column: Column) -> str:
    return ' class="n"' if column.kind in FIGURES else ""


def _bar(share: float, before: float | None) -> str:
    """Return a bar.

    Args:
        share: its length as a share of the longest bar, from 0 to 1.
        before: the share for the earlier days, drawn as a mark; None for no mark.
    """
    mark = ""
    if before is not None:
        at = min(_LONGEST - 0.6, _LONGEST * before)
        mark = f'<line x1="{at:.1f}" x2="{at:.1f}" y1="0" y2="10"/>'
    return (
        f'<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{share:.0%}">'
        f'<rect width="{_LONGEST * max(0.0, share):.1f}" y="1" height="8"/>{mark}</svg>'
    )
