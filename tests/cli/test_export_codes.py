"""The codes on printed Zs against an export: each proves its Z, and each forgery is named."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import random
import runpy
from contextlib import redirect_stderr, redirect_stdout, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from tests.cli.test_export import EXPORT, SCRIPT, read, write
from tests.sql.ringing import IDLY, Venue, new_id
from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

_FORGERIES: Final = 500
Lines = list[dict[str, Any]]


class Exported(NamedTuple):
    """An export of two tills with three Zs each, and the codes on their paper."""

    file: Path
    lines: Lines
    codes: dict[str, str]

    def check(self, lines: Lines, *codes: str) -> tuple[int, str]:
        """Run the script on lines, in this process; an exception in it is raised."""
        write(self.file, lines)
        out = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(out):
            patch.setattr("sys.argv", [str(SCRIPT), str(self.file), "--z", *(codes or self.codes.values())])
            with pytest.raises(SystemExit) as end:
                runpy.run_path(str(SCRIPT), run_name="__main__")
        return int(end.value.code or 0), out.getvalue()


@pytest.fixture
def exported(staffed: Shell, database: Database, tmp_path: Path) -> Exported:
    codes = {}
    store = Surroundings.find().venue.store_id
    with database.connect() as owner, database.connect() as app:
        venue = Venue(store, owner, app)
        for number in (1, 2):
            owner.execute("SELECT till.till_enrol_v1(%s, NULL, %s, NULL, warm.digest(%s))", [
                store, number, f"secret {number}"])  # fmt: skip
            till = venue.till(number)
            for z in range(1, 4):
                till.shift = shift = new_id()
                till.make("shift_opened", shift, {"business_date": "2026-03-03", "currency": "INR", "kept": ["CASH"]})
                cart = till.keyed()
                for _piece in range(3):
                    till.add(cart, IDLY)
                till.make("shift_closed", shift, {
                    "number": f"{number}-Z00000{z}", "currency": "INR", "sums": {},
                    "totals": {"sales": f"{z}.00", "refunds": "0.00", "net": f"{z}.00"},
                })  # fmt: skip
                codes[f"{number}-Z00000{z}"] = f"{number}-Z00000{z} {till.pending[-1].hash}"
                till.shift = None
            assert till.push()["ok"]
    file = tmp_path / "audit.jsonl"
    staffed.ok(*EXPORT, str(file))
    return Exported(file, read(file), codes)


def resealed(lines: Lines, journal: str) -> Lines:
    """Seal a journal again, as its forger would: numbers, hashes and its end."""
    seq, prev = 0, "0" * 64
    sealed = copy.deepcopy(lines)
    for line in sealed:
        if line.get("journal") == journal and "seq" in line:
            seq += 1
            if "body" in line:
                body = json.loads(line["body"]) | {"seq": seq, "prev_hash": prev}
                line["body"] = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
                line["hash"] = hashlib.sha256(line["body"].encode()).hexdigest()
            line.update({"seq": seq} | ({"prev": prev} if "prev" in line else {}))
            prev = line["hash"]
        elif line.get("journal") == journal and "end" in line:
            line["end"] = [seq, prev]
    sealed[-1]["lines"] = len(sealed)
    return sealed


def test_each_z_is_proved_with_its_records_and_totals(exported: Exported) -> None:
    code, reply = exported.check(exported.lines)
    assert code == 0, reply
    for till in (1, 2):
        for z in range(1, 4):
            assert f"Z {till}-Z00000{z} of till {till}, closed " in reply
            assert f"proved. Since the first Z: net {z}.00, refunds 0.00, sales {z}.00." in reply
    assert "of the server: records 1 to " in reply
    assert "of till 1: records" not in reply
    code, reply = exported.check(exported.lines, exported.codes["1-Z000002"])
    assert code == 0
    journal = next(line for line in exported.lines if line.get("till") == 1)
    assert f"journal {journal['journal']} of till 1: records 13 to {journal['end'][0]}" in reply
    assert "any journal, or part of one, that the file leaves out" in reply


def test_a_code_is_typed_in_groups_and_a_misread_group_is_named(exported: Exported) -> None:
    number, seal = exported.codes["2-Z000002"].split()
    groups = [seal[at : at + 4] for at in range(0, 64, 4)]
    assert exported.check(exported.lines, number, *map(str.upper, groups))[0] == 0
    groups[6] = "".join(reversed("0123")) if groups[6] != "3210" else "0123"
    code, reply = exported.check(exported.lines, number, *groups)
    assert (code, "group 7 is another in the file. Read it again." in reply) == (1, True), reply
    code, reply = exported.check(exported.lines, number, *groups[1:])
    assert (code, "these have 60 characters" in reply) == (1, True), reply
    code, reply = exported.check(exported.lines, f"1-Z000009 {seal}")
    assert (code, "this is the code of Z 2-Z000002" in reply) == (1, True), reply
    code, reply = exported.check(exported.lines, f"9-Z000009 {'a' * 64}")
    assert (code, "it is not in the file" in reply) == (1, True), reply


def forged(lines: Lines, kind: str, place: int, chance: random.Random) -> Lines:
    """Return an export with a record changed, dropped or a gap, its journal dropped, or its tail cut."""
    line = lines[place]
    own = [at for at, one in enumerate(lines) if one.get("journal") == line["journal"]]
    if kind == "change":
        at, body = chance.randrange(len(line["body"])), line["body"]
        other = chance.choice([one for one in "x07" if one != body[at]])
        return [*lines[:place], line | {"body": body[:at] + other + body[at + 1 :]}, *lines[place + 1 :]]
    if kind == "gap":
        gap = {"journal": line["journal"], "seq": line["seq"], "hash": line["hash"], "gap": True}
        return [*lines[:place], gap, *lines[place + 1 :]]
    gone = {"drop": [place], "journal": own, "tail": [at for at in own[:-1] if at >= place]}[kind]
    return [one for at, one in enumerate(lines) if at not in gone]


def test_forgeries_are_told(exported: Exported) -> None:
    chance = random.Random(84)  # noqa: S311 - a test repeats itself
    server = exported.lines[1]["journal"]
    places = [at for at, line in enumerate(exported.lines) if "body" in line and line["journal"] != server]
    for _time in range(_FORGERIES):
        place, kind = chance.choice(places), chance.choice(["change", "drop", "gap", "journal", "tail"])
        lines = forged(copy.deepcopy(exported.lines), kind, place, chance)
        journal, seq = (exported.lines[place][name] for name in ("journal", "seq"))
        if kind in {"journal", "tail"} or chance.random() < 0.5:
            with suppress(ValueError):  # a body that is none is not sealed
                lines = resealed(lines, journal)
        if lines == exported.lines:  # sealing it again has mended it
            continue
        code, reply = exported.check(lines)
        if kind == "gap":  # a gap is no fault, but it is named, and the records before it need a code of their own
            assert f"records missing or set aside: {seq}\n" in reply
        else:
            assert code == 1, (kind, seq)


def test_a_code_proves_the_records_behind_a_gap_alone(exported: Exported) -> None:
    journal = next(line["journal"] for line in exported.lines if line.get("till") == 1)
    place = next(at for at, line in enumerate(exported.lines) if (line.get("journal"), line.get("seq")) == (journal, 3))
    lines = forged(copy.deepcopy(exported.lines), "gap", place, random.Random(1))  # noqa: S311 - it draws nothing
    code, reply = exported.check(lines, exported.codes["1-Z000001"])
    assert code == 0, reply
    assert f"It proves records 4 to 6 of journal {journal}." in reply
    assert f"journal {journal} of till 1: records 1 to 3, 7 to " in reply


def test_any_byte_of_a_body_or_a_seal_is_named(exported: Exported) -> None:
    chance = random.Random(4)  # noqa: S311 - a test repeats itself
    for _time in range(200):
        lines = copy.deepcopy(exported.lines)
        place = chance.choice([place for place, line in enumerate(lines) if "body" in line])
        field = chance.choice(["body", "hash", "prev"])
        at = chance.randrange(len(lines[place][field]))
        text = lines[place][field]
        lines[place][field] = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
        code, reply = exported.check(lines)
        assert (code, f"line {place + 1}, " in reply) == (1, True), (field, at)
