"""No sentence of the counter is longer than an answer line: each is measured with usual values in it."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TILL = Path(__file__).parents[2] / "till"
#: The most characters of an answer line.
_LONGEST = 60
#: The rooms of the counter, without those of the desk, the shell and the config.
_ROOMS = (
    *(f"tui/screens/{room}" for room in ("guests", "login", "notices.py", "pay", "sales", "sell", "sheets", "split")),
    *(f"tui/screens/{room}" for room in ("admin", "tabs", "waiting_orders")),
    *("tui/screens/news.py", "tui/shell", "register"),
    *(f"tenders/{room}" for room in ("gateway", "server.py", "terminal")),
    *(f"domain/{room}" for room in ("notice", "order", "payment", "refund", "staff", "till")),
    *("domain/conflict.py", "domain/errors.py", "domain/venue.py", "journal/errors.py", "sync"),
)
#: Files of those rooms whose sentences are shown elsewhere: on the sheet of keys, or in a shell with its longer lines.
_ELSEWHERE = {
    *("tui/shell/keymap.py", "register/quick_entry/vocabulary.py"),
    *("tenders/gateway/opening.py", "tenders/terminal/opening.py"),  # faults of the configuration, as the till starts
    "tenders/terminal/housekeeping.py",  # `till admin tenders test`
}
#: Files of errors whose first part alone is shown at the counter, and the names of their second part.
_LEAD = {"journal/errors.py", "sync/failures.py"}
_NAMED = {"remedy", "gives"}
#: The values that usually stand in a sentence; 8 characters for any other.
_USUAL = {
    **dict.fromkeys(("amount", "change", "due", "left", "money", "open", "paid", "part", "total"), "₹326.67"),
    **dict.fromkeys(("count", "line", "most", "n", "quantity", "less"), "2"),
    **dict.fromkeys(("order", "tab", "kept"), "table 21"),
    **dict.fromkeys(("pieces", "first"), "2 × Idly"),
    **dict.fromkeys(("card", "way"), "Card"),
    **dict.fromkeys(("card", "was", "tender"), "card"),
    **dict.fromkeys(("tip", "more", "price"), "₹80.00"),
    **dict.fromkeys(("ends", "starts", "time"), "10:31"),
    "asks": "The code asks for ₹326.67.",
    "days": "9",
    "given": "₹500.00",
    "group": "Spice",
    "item": "Idly",
    "key": "F10",
    "known": "cash, card, UPI",
    "lines": "2 lines",
    "name": "Masala Dosa",
    "names": "Idly, Tea",
    "one": "2",
    "other": "3",
    "sold": "2",
    "number": "21",
    "option": "hot",
    "options": "mild, hot",
    "owed": "₹2,000.00",
    "percent": "10",
    "plain": "326.67",
    "quoted": "not enough balance",
    "reason": "spilled",
    "receipt": "1-000531",
    "record": "the slip",
    "sentence": "The bank refused the card.",
    "size": "2 lines, ₹160.00",
    "text": "xyzzy",
    "till": "Till 2",
    "title": "One table, two orders",
    "closed": "",  # a line of its own
    "user": "Ravi",
    "who": "Ravi",
    "why": "no cover.",
    "words": "no onion",
}


#: Constructions that nobody at a counter or in a shell would use, wherever a person reads.
_NOT_NATIVE = re.compile(
    r"\b(shall|anew|meanwhile|otherwise|mend|put aside|set aside|asked on|sells on|goes on|does not read|stands?)\b"
    r"|\b(is|are|read) no more\b|No \w+ was \w+ yet|^Say (how|what|which)\b|what is (typed|marked|keyed)",
    re.IGNORECASE,
)

#: Sentences that were on the screens once and that nobody understood.
_WITHDRAWN = (
    *("Pay so", "It is theirs", "Say it", "To where", "Other words are a wish"),
    "The database takes no connection in time.",
)


def sentences(rooms: Iterable[str] = _ROOMS) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each sentence that the counter may read, or of those in other rooms."""
    for room in rooms:
        for path in sorted((_TILL / room).rglob("*.py")) or [_TILL / room]:
            if str(path.relative_to(_TILL)) in _ELSEWHERE:
                continue
            for line, text in _sentences_in(path):
                yield f"{path.relative_to(_TILL)}:{line}", text


@cache
def _sentences_in(path: Path) -> list[tuple[int, str]]:
    """Return the line and the text of each sentence in a file, of those in `_LEAD` without their remedies."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    is_lead = str(path.relative_to(_TILL)) in _LEAD
    remedies = {node for one in _remedies(tree) for node in ast.walk(one)} if is_lead else set()
    return [
        (text.lineno, text.value)
        for node in ast.walk(tree)
        if node not in remedies
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"_", "N_", "ngettext", "pgettext"}
        for text in node.args[:2]
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    ]


def _remedies(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the second parts of sentences with a remedy."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Advice":
            yield from node.args[1:]
        elif isinstance(node, ast.Tuple):
            yield from node.elts[1:]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in _NAMED:
            yield node.value


def measured(text: str) -> str:
    """Return a sentence with usual values in it."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: _USUAL.get(found[1], "x" * 8), text)


def test_no_sentence_of_the_counter_is_longer_than_an_answer_line() -> None:
    found = [(place, measured(text)) for place, text in sentences()]
    assert len(found) > 1500
    assert [(place, len(text), text) for place, text in found if len(text) > _LONGEST] == []


def test_no_sentence_has_a_construction_that_no_native_says() -> None:
    found = [(place, text) for place, text in sentences(["."]) if place.partition(":")[0] not in _ELSEWHERE]
    for path in sorted((_TILL.parent / "db" / "sql").rglob("*.sql")):
        found += [(path.name, text) for text in re.findall(r"raise exception '([^']+)'", path.read_text("utf-8"))]
    assert len(found) > 4500
    command = re.compile("`[^`]*`")  # a command is no prose
    assert [(place, text) for place, text in found if _NOT_NATIVE.search(command.sub("", text))] == []


def test_no_withdrawn_sentence_is_in_the_program() -> None:
    home = _TILL.parent
    read = [*_TILL.rglob("*.py"), *(home / "db").rglob("*.sql"), *(home / "docs").rglob("*.md"), home / "README.md"]
    assert len(read) > 600
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, _WITHDRAWN))})(?!\w)")
    found = [(str(path.relative_to(home)), pattern.findall(path.read_text(encoding="utf-8"))) for path in read]
    assert [(path, sentences) for path, sentences in found if sentences] == []


@pytest.mark.parametrize(
    ("template", "text"),
    [("{name}: {amount}.", "Masala Dosa: ₹326.67."), ("{hours} h {minutes:02d}", "xxxxxxxx h xxxxxxxx")],
)
def test_a_sentence_is_measured_with_usual_values_in_it(template: str, text: str) -> None:
    assert measured(template) == text
