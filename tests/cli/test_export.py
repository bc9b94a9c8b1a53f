"""A copy of the chains in a file, and the script by which somebody else checks it with nothing of ours."""

from __future__ import annotations

import io
import json
import os
import runpy
import subprocess
import sys
import threading
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import IDLY, Venue, packed
from till.cli import audit
from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_export.py"
EXPORT = ("admin", "audit", "export")


def checked(file: Path) -> tuple[int, str]:
    """Run the script on a file as anybody would: alone, with none of our folders on its path."""
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(file)], capture_output=True, text=True, check=False, cwd="/"
    )
    return done.returncode, done.stdout + done.stderr


def is_whole(file: Path) -> bool:
    """True if the script finds no fault, and names only what no code proves."""
    code, reply = checked(file)
    return code == 0 and reply.startswith("Not proved by any code:\n")


def checked_here(file: Path) -> tuple[int, str]:
    """Run the script on a file in this process; an exception in the script is raised."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        patch.setattr(sys, "argv", [str(SCRIPT), str(file)])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(SCRIPT), run_name="__main__")
    code = end.value.code
    return (1, f"{out.getvalue()}{code}\n") if isinstance(code, str) else (int(code or 0), out.getvalue())


@pytest.fixture
def file(staffed: Shell, save_order: Callable[[], str]) -> Path:
    """An export of a venue where an order was saved, and one cleared for a reason."""
    save_order()
    staffed.ok("admin", "sessions", "close", save_order(), "--reason", "dropped by Anna")
    made = staffed.folder / "audit.jsonl"
    staffed.ok(*EXPORT, str(made))
    return made


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def write(file: Path, lines: list[dict[str, Any]]) -> None:
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


def test_the_script_is_short_and_of_the_standard_library(file: Path) -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 230
    imported = {line.split()[1] for line in text.splitlines() if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names
    assert is_whole(file)


def test_texts_are_exported_only_on_request_and_can_be_checked_then(staffed: Shell, file: Path) -> None:
    assert "dropped by Anna" not in file.read_text(encoding="utf-8")
    assert not any("texts" in line and line.get("seq") for line in read(file))
    staffed.ok(*EXPORT, str(file), "--texts", "--force")
    assert "dropped by Anna" in file.read_text(encoding="utf-8")
    assert is_whole(file)
    lines = read(file)
    (record,) = [line for line in lines if line.get("texts") and "seq" in line]
    record["texts"]["reason"]["text"] = "dropped by Bert"
    write(file, lines)
    code, message = checked(file)
    assert code == 1
    assert f"record {record['seq']}: a text is another" in message
    salt = record["texts"]["reason"]["salt"]
    for moved in ({"salt": f"{salt}dropped ", "text": "by Anna"}, {"salt": salt, "text": "dropped by Anna", "of": "x"}):
        record["texts"]["reason"] = moved
        write(file, lines)
        code, message = checked(file)
        assert (code, f"record {record['seq']}: a text is another" in message) == (1, True), moved


def test_records_that_no_code_proves_are_named_without_a_code_too(file: Path) -> None:
    lines = read(file)
    journal, end = lines[-2]["journal"], lines[-2]["end"][0]
    unproved = f"  journal {journal} of the server: records "
    bare = [line["seq"] for line in lines if '"digests"' in line.get("body", "")]
    code, reply = checked(file)
    assert code == 0
    assert f"{unproved}1 to {end} (it has no Z)\n{unproved}with texts that are not here: {bare[0]}" in reply
    gap = {name: lines[3][name] for name in ("journal", "seq", "hash")} | {"gap": True}
    write(file, [*lines[:3], gap, *lines[4:]])
    code, reply = checked(file)
    assert (code, f"{unproved}missing or set aside: {gap['seq']}\n" in reply) == (0, True)


def test_a_file_is_the_owners_alone_and_has_the_heads_at_its_end(file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    first, *places, head, end = read(file)
    assert (first["format"], first["store"], first["texts"]) == (1, Surroundings.find().venue.store_id, False)
    assert [place["seq"] for place in places] == list(range(1, len(places) + 1))
    assert (head["till"], head["before"], head["end"]) == (0, [0, "0" * 64], [places[-1]["seq"], places[-1]["hash"]])
    assert end == {"lines": len(places) + 3}


def _resealed(line: dict[str, Any]) -> dict[str, Any]:
    import hashlib  # noqa: PLC0415 - as the forger would

    body = line["body"].replace('"user":1', '"user":9').replace('"role":"cashier"', '"role":"manager"')
    assert body != line["body"]
    return line | {"body": body, "hash": hashlib.sha256(body.encode()).hexdigest()}


ALTERED: dict[str, tuple[Callable[[list[dict[str, Any]]], object], str]] = {
    "a body": (lambda x: x[4].update(body=x[4]["body"].replace("a", "b", 1)), "line 5, "),
    "a body that is none": (lambda x: x[4].update(body="{"), "line 5, "),
    "a body that is gone": (lambda x: x[4].pop("body"), "line 5, "),
    "a hash": (lambda x: x[4].update(hash="0" * 64), "line 5, "),
    "a number": (lambda x: x[4].update(seq=9), "line 5, "),
    "a journal": (lambda x: x[4].update(journal="other"), "line 5, "),
    "one missing": (lambda x: x.pop(4), "line 5, "),
    "the first missing": (lambda x: x.pop(1), "its beginning is another"),
    "the last missing": (lambda x: x.pop(-3), "it ends with"),
    "one added": (lambda x: x.insert(4, x[3]), "line 5, "),
    "two reordered": (lambda x: x.insert(4, x.pop(5)), "line 5, "),
    "a head": (lambda x: x[-2]["end"].__setitem__(1, "0" * 64), "it ends with"),
    "no head": (lambda x: x.pop(-2), "cut off"),
    "no end": (lambda x: x.pop(), "cut off"),
    "half": (lambda x: x.__delitem__(slice(5, None)), "cut off"),
    "everything": (lambda x: x.clear(), "cut off"),
    "a gap instead": (lambda x: x.__setitem__(4, {"journal": x[4]["journal"], "seq": 4, "gap": True}), "line 5, "),
    "a line of something else": (lambda x: x.insert(4, {"note": "hello"}), "line 5, "),
    "an empty line": (lambda x: x.insert(4, {}), "line 5, "),
    "something beside a record": (lambda x: x[4].update(note="paid"), "line 5, "),
    "something beside an end": (lambda x: x[-2].update(note="paid"), "it is no part of an export"),
    "a head of the file within": (lambda x: x.insert(4, x[0]), "line 5, "),
    "an end of the file within": (lambda x: x.insert(4, x[-1]), "line 6, "),
}


@pytest.mark.parametrize("what", ALTERED)
def test_tampering_with_a_file_is_named_by_its_line(file: Path, what: str) -> None:
    change, reply = ALTERED[what]
    lines = read(file)
    change(lines)
    write(file, lines)
    code, message = checked_here(file)
    assert code == 1
    assert reply in message


def test_a_record_that_was_sealed_anew_does_not_fit_what_follows(file: Path) -> None:
    lines = read(file)
    place = next(n for n, line in enumerate(lines) if '"role":"cashier"' in line.get("body", ""))
    lines[place] = _resealed(lines[place])
    write(file, lines)
    code, message = checked(file)
    assert code == 1
    assert f"line {place + 2}, " in message
    assert "it does not follow the record before it" in message


@pytest.mark.parametrize(("first", "again"), [('"seq":', '"seq": 4, "seq":'), ('"body":', '"body": "x", "body":')])
def test_a_key_twice_in_a_line_is_refused(file: Path, first: str, again: str) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[4] = lines[4].replace(first, again, 1)
    file.write_text("\n".join(lines), encoding="utf-8")
    code, message = checked_here(file)
    assert (code, "line 5, " in message, "a key twice" in message) == (1, True, True)


def test_line_that_lists_its_keys_is_refused(file: Path) -> None:
    """A list of pairs may have a key twice."""
    lines = file.read_text(encoding="utf-8").splitlines()
    pairs = [[key, value] for key, value in json.loads(lines[4]).items()]
    lines[4] = json.dumps([["body", "x"], *pairs])
    file.write_text("\n".join(lines), encoding="utf-8")
    code, message = checked_here(file)
    assert (code, "line 5, " in message, "it does not read" in message) == (1, True, True)


def test_bytes_that_are_no_text_are_named(file: Path) -> None:
    content = file.read_bytes().splitlines(keepends=True)
    content[3] = b"\xff\xfe[1]\n"
    content[5] = b"[]\n"
    file.write_bytes(b"".join(content))
    code, message = checked(file)
    assert code == 1
    assert "line 4, " in message
    assert "Traceback" not in message


def test_gaps_links_and_what_was_set_aside_keep_their_places(
    staffed: Shell, database: Database, tmp_path: Path
) -> None:
    store = Surroundings.find().venue.store_id
    with database.connect() as owner, database.connect() as app:
        venue = Venue(store, owner, app)
        owner.execute("SELECT till.till_enrol_v1(%s, NULL, 1, NULL, warm.digest('secret 1'))", [store])
        till, cart = venue.keyed(IDLY)
        till.push()
        stands = venue.rows("SELECT event_id::text, event_type, session_id, event_data FROM warm.session_events"
                            " WHERE till_id = 1 ORDER BY seq")  # fmt: skip
        owner.execute("SELECT warm.adopt_journal(%s, NULL, 1)", [store])
        again = venue.till()
        for event_id, kind, session, data in stands:
            again.make(kind, session, data, event_id=event_id)
        again.make_badly("never_heard_of", cart.session)
        again.add(cart, IDLY)
        again.add(cart, IDLY)
        gone = again.pending[3]
        events = [packed(event) for event in again.pending]
        events[3] = {"seq": gone.seq, "h": gone.hash, "gone": True}
        assert again.send(again.request() | {"events": events})["ok"]
    file = tmp_path / "audit.jsonl"
    staffed.ok(*EXPORT, str(file))
    own = [line for line in read(file) if line.get("journal") == again.journal and "seq" in line]
    assert [sorted(line.keys() & {"link", "aside", "gap", "body"}) for line in own] == [
        ["body", "link"],
        ["body", "link"],
        ["aside", "body"],
        ["gap"],
        ["body"],
    ]
    assert is_whole(file)


def test_a_day_and_a_till_are_exported_alone_and_checked_all_the_same(
    staffed: Shell, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read(file)
    monkeypatch.setattr(audit, "_PART", 3)
    for words in (
        ["--from", "yesterday"],
        ["--day", "today"],
        ["--till", "0"],
        ["--day", "2020-01-01"],
        ["--till", "0", "--day", "today"],
    ):
        staffed.ok(*EXPORT, str(file), "--force", *words)
        assert is_whole(file), words
        if "2020-01-01" not in words:
            assert read(file)[1:] == whole[1:]
    backwards = staffed(*EXPORT, str(file), "--force", "--from", "today", "--to", "yesterday")
    assert (backwards.code, "earlier day first" in backwards.err) == (2, True)
    assert "no journal of that till" in staffed.refused(*EXPORT, str(file), "--force", "--till", "7")
    assert is_whole(file), "what was there before stays"


def test_a_file_that_is_there_is_not_written_over(staffed: Shell, file: Path) -> None:
    before = file.read_bytes()
    there = f"{file} already exists. Name another file, or remove it first."
    assert staffed.refused(*EXPORT, str(file)) == there
    assert staffed.refused("admin", "menu", "export", str(file)) == there
    assert staffed.refused("admin", "audit", "show", "--csv", str(file)) == there
    assert file.read_bytes() == before
    assert "cannot be written" in staffed.refused(*EXPORT, str(file.parent / "nowhere" / "audit.jsonl"))
    assert staffed.refused(*EXPORT, str(file.parent), "--force").startswith(str(file.parent))
    assert sorted(path.name for path in file.parent.glob("audit*")) == ["audit.jsonl"]


def test_a_full_disk_and_a_reader_that_leaves_are_one_sentence(staffed: Shell, tmp_path: Path) -> None:
    assert "/dev/full cannot be written: No space left on device" in staffed.refused(*EXPORT, "/dev/full")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    leaving = threading.Thread(target=lambda: pipe.open("rb").close())
    leaving.start()
    result = staffed(*EXPORT, str(pipe))
    leaving.join()
    assert (result.code, result.err.count("\n")) in {(1, 1), (0, 1)}, (
        "it may have fit in the pipe before its reader left"
    )


def test_standard_output_gets_it_with_nothing_beside(staffed: Shell, tmp_path: Path) -> None:
    result = staffed(*EXPORT, "-")
    assert result.code == 0
    assert "written to standard output" in result.err
    file = tmp_path / "copied.jsonl"
    file.write_text(result.out, encoding="utf-8")
    assert is_whole(file)
