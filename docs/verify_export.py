"""Verification of an export by `till admin audit export`, by itself or by the codes on printed Zs.

python3 verify_export.py FILE --z "1-Z000042 9f3a c07b …" "2-Z000040 …"

A code is the text of a Z's QR code, or its number and the sixteen groups beside it. Each proves its Z and the records
of its journal before it; the answer names what none proves, without --z too. Exit 1 if the file was altered, or a code
is not of it. A line with something that this script does not know is refused: take the script of the release that wrote
the file.
"""

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: The most groups of four that a hurried eye misreads; more of them are another seal.
_MISREAD = 3
#: The most record numbers to list.
_SHOWN = 10
#: The keys of each kind of line.
_KINDS = (
    {"store", "format", "made", "texts"},
    {"journal", "seq", "prev", "hash", "body", "texts", "link"},
    {"journal", "seq", "prev", "hash", "body", "aside"},
    {"journal", "seq", "hash", "gap"},
    {"journal", "till", "series", "retired", "before", "end"},
    {"lines"},
)


@dataclass
class Chain:
    """The chain of a journal: the records so far, and what no code of a Z proves of them."""

    begins: list[Any]  # number and hash before its first line
    last: list[Any]
    till: Any = None
    since: int = 0  # the first record that the records after it prove
    loose: list[int] = field(default_factory=list)  # gaps and records set aside
    bare: list[int] = field(default_factory=list)  # records with texts that are not here
    proved: list[tuple[int, int]] = field(default_factory=list)  # from record to record


@dataclass
class Z:
    """A Z of the file: its seal and place, and the first record that it proves."""

    chain: Chain
    seq: int
    seal: str
    since: int
    body: dict[str, Any]


chains: dict[str, Chain] = {}
open_chains: set[str] = set()
closes: dict[str, list[Z]] = {}  # by number


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON. Refuse a key twice, because readers differ in which of the two they take."""
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a key twice")
    return found


def _is_text(one: dict[str, str], digest: str | None) -> bool:
    """True for the text that was sealed. A salt of another length would hold a beginning of the text."""
    is_salt = re.fullmatch("[0-9a-f]{32}", one["salt"]) and len(one) == len(("salt", "text"))
    return bool(is_salt) and _digest(one["salt"] + one["text"]) == digest


def _place(line: dict[str, Any]) -> dict[str, bool]:
    """Take a record. Return its faults, each with whether it has it."""
    journal, seq, body = line["journal"], line["seq"], line.get("body", "")
    if journal not in chains:
        begins = [seq - 1, line.get("prev")]
        chains[journal] = Chain(begins, begins, since=seq)
    chain = chains[journal]
    open_chains.add(journal)
    follows, prev = chain.last, line.get("prev", chain.last[1])
    chain.last = [seq, line["hash"]]
    is_loose = "gap" in line or "aside" in line  # a record set aside may be no event
    sealed = {} if is_loose else json.loads(body, object_pairs_hook=_object)
    place = [sealed.get("journal_id", journal), sealed.get("seq", seq), sealed.get("prev_hash", prev)]
    digests, texts = sealed.get("data", {}).get("digests", {}), line.get("texts", {})
    faults = {
        f"record {follows[0] + 1} should stand here": seq != follows[0] + 1,
        "it does not follow the record before it": follows[1] not in {None, prev},
        "its body is not what was sealed": "gap" not in line and _digest(body) != line["hash"],
        f"it was sealed as record {place[1]} of journal {place[0]}": place != [journal, seq, prev],
        "a text is another": not all(_is_text(text, digests.get(of)) for of, text in texts.items()),
    }
    if any(faults.values()):
        chain.since = seq
    if is_loose:
        chain.loose.append(seq)
        chain.since = seq + 1  # its seal cannot show the record before it
    if digests.keys() - texts.keys():
        chain.bare.append(seq)
    if sealed.get("type") == "shift_closed" and _digest(body) == line["hash"]:
        closes.setdefault(sealed["data"]["number"], []).append(Z(chain, seq, line["hash"], chain.since, sealed))
    return faults


def _end(line: dict[str, Any]) -> dict[str, bool]:
    """Take the end of a chain. Return its faults."""
    begins = [*line["before"]]
    chain = chains.setdefault(line["journal"], Chain(begins, begins))
    open_chains.discard(line["journal"])
    chain.till = line.get("till")
    is_first = chain.begins[0] == begins[0] and chain.begins[1] in {None, begins[1]}
    ends = f"it ends with {chain.last}, not with {line['end']}"
    return {"its beginning is another": not is_first, ends: chain.last != line["end"]}


def read(file: Path) -> bool:
    """Read an export and print its faults. Return True if it has none."""
    line, number, is_whole, is_over = dict[str, Any](), 0, True, False
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, text in enumerate(lines, 1):
            try:
                line = {**json.loads(text, object_pairs_hook=_object)}  # a list of pairs is none
                is_known = any(set() < line.keys() <= kind for kind in _KINDS) and ("store" in line) == (number == 1)
                wrong = _end(line) if "end" in line else _place(line) if "journal" in line else {}
                wrong |= {"it is no part of an export": is_over or not is_known}
                is_over = "lines" in line
            except (ValueError, LookupError, TypeError, AttributeError) as problem:
                wrong = {f"it does not read: {problem!r}": True}
            for fault in filter(wrong.get, wrong):
                is_whole = False
                print(f"line {number}, journal {line.get('journal')}, record {line.get('seq')}: {fault}")
    if open_chains or line.get("lines") != number:
        print("It is cut off, or a chain has no end.")
        return False
    return is_whole


def codes_of(words: list[str]) -> list[tuple[str, str]]:
    """Return the number and the seal of each code that was typed or scanned."""
    found: list[tuple[str, str]] = []
    for word in " ".join(words).split():
        if "-" in word or not found:
            found.append((word, ""))
        else:
            found[-1] = found[-1][0], found[-1][1] + word.lower()
    return found


def _misread(seal: str, other: str) -> list[int]:
    """Return the groups, from 1, in which two seals differ."""
    return [place // 4 + 1 for place in range(0, 64, 4) if seal[place : place + 4] != other[place : place + 4]]


def check(number: str, seal: str) -> bool:
    """Print what the code of a Z proves, or why it proves nothing. Return True if it proves its Z."""
    if not re.fullmatch(r"[0-9a-f]{64}", seal):
        print(f"Z {number}: a code has sixteen groups of four of 0 to 9 and a to f; these have {len(seal)} characters.")
        return False
    own = closes.get(number, [])
    z = next((one for one in own if one.seal == seal), None)
    if z is None:
        at, like = next(((at, one) for at, all_ in closes.items() for one in all_ if one.seal == seal), ("", None))
        groups = min((_misread(seal, one.seal) for one in own), key=len, default=[])
        if like is not None:
            print(f"Z {number}: this is the code of Z {at}. Read the number again.")
        elif own and len(groups) <= _MISREAD:
            print(f"Z {number}: group {', '.join(map(str, groups))} is another in the file. Read it again.")
        elif own:
            print(f"Z {number}: the file has it with another seal: its journal was changed, or is another.")
        else:
            print(f"Z {number}: it is not in the file: its journal, or the end of it, is missing.")
        return False
    by = "the server" if z.body["till"] == 0 else f"till {z.body['till']}"
    totals = ", ".join(f"{name} {amount}" for name, amount in sorted(z.body["data"].get("totals", {}).items()))
    print(f"Z {number} of {by}, closed {z.body['at'][:16].replace('T', ' ')} UTC: proved. Since the first Z: {totals}.")
    print(f"  It proves records {z.since} to {z.seq} of journal {z.body['journal_id']}.")
    z.chain.proved.append((z.since, z.seq))
    return True


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:_SHOWN])) + (f" and {len(numbers) - _SHOWN} more" if numbers[_SHOWN:] else "")


def print_unproved() -> None:
    """Print what no code proves."""
    with_z = {id(z.chain) for all_ in closes.values() for z in all_}
    print("Not proved by any code:")
    for journal, chain in chains.items():
        first, last = chain.begins[0] + 1, chain.last[0]
        free, at = [], first
        for start, end in sorted(chain.proved):
            free += [(at, start - 1)] if start > at else []
            at = max(at, end + 1)
        free += [(at, last)] if at <= last else []
        whose = "the server" if chain.till == 0 else f"till {chain.till}"
        if free:
            runs = ", ".join(f"{one} to {other}" for one, other in free)
            print(f"  journal {journal} of {whose}: records {runs}{'' if id(chain) in with_z else ' (it has no Z)'}")
        for what, numbers in (("missing or set aside", chain.loose), ("with texts that are not here", chain.bare)):
            if numbers:
                print(f"  journal {journal} of {whose}: records {what}: {_listed(numbers)}")
    print("  any journal, or part of one, that the file leaves out")


def main() -> None:
    """Check the file and the codes of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--z", nargs="+", action="extend", default=[], metavar="TEXT", help="the code of a Z")
    asked = parser.parse_args()
    is_whole = read(asked.file)
    proved = [check(number, seal) for number, seal in codes_of(asked.z)]
    print_unproved()
    sys.exit(0 if is_whole and all(proved) else 1)


main()
