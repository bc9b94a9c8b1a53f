"""Verification of an export by `till admin audit export`: python3 verify_export.py FILE. Exit 1 if it was altered."""

import fileinput
import hashlib
import json
import sys
from typing import Any

behind: dict[str, list[Any]] = {}  # by journal: number and hash before its first line
last: dict[str, list[Any]] = {}  # and of its newest line


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _place(line: dict[str, Any]) -> dict[str, bool]:
    journal, seq, body = line["journal"], line["seq"], line.get("body", "")
    follows = last.get(journal) or behind.setdefault(journal, [seq - 1, line.get("prev")])
    prev, last[journal] = line.get("prev", follows[1]), [seq, line["hash"]]
    sealed = {} if "gap" in line or "aside" in line else json.loads(body)  # a record set aside may be no event
    place = [sealed.get("journal_id", journal), sealed.get("seq", seq), sealed.get("prev_hash", prev)]
    digests, texts = sealed.get("data", {}).get("digests", {}), line.get("texts", {})
    return {
        f"record {follows[0] + 1} should stand here": seq != follows[0] + 1,
        "it does not follow the record before it": follows[1] not in {None, prev},
        "its body is not what was sealed": "gap" not in line and _digest(body) != line["hash"],
        f"it was sealed as record {place[1]} of journal {place[0]}": place != [journal, seq, prev],
        "a text is another": any(_digest(t["salt"] + t["text"]) != digests.get(of) for of, t in texts.items()),
    }


def _end(line: dict[str, Any]) -> dict[str, bool]:
    first, end = (of.pop(line["journal"], line["before"]) for of in (behind, last))
    begins = first[0] == line["before"][0] and first[1] in {None, line["before"][1]}
    return {"its beginning is another": not begins, f"it ends with {end}, not with {line['end']}": end != line["end"]}


faults, line, number = 0, {}, 0
for number, text in enumerate(fileinput.input(encoding="utf-8", errors="replace"), 1):  # noqa: SIM115 - to its end
    try:
        line = dict(json.loads(text))
        other = {"it is no part of an export": not line.keys() & {"store", "lines"}}
        wrong = _end(line) if "end" in line else _place(line) if "journal" in line else other
    except (ValueError, LookupError, TypeError, AttributeError) as problem:
        wrong = {f"it does not read: {problem!r}": True}
    for fault in filter(wrong.get, wrong):
        faults = 1
        print(f"line {number}, journal {line.get('journal')}, record {line.get('seq')}: {fault}")
sys.exit("It is cut off, or a chain has no end." if last or line.get("lines") != number else faults)
