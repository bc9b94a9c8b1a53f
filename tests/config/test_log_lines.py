"""The log: whole JSON lines, bounded, closed to others, and without what is secret."""

from __future__ import annotations

import json
import logging
import os
import shutil
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.journal.test_faults import no_room_beyond
from till.config import log_lines
from till.config.log_lines import JsonFormatter, LogFile, QueuedHandler, begin_log, end_log, passwords_in

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "Zx9-secret_of-a-till"


def line_of(message: str, *arguments: object, **facts: Any) -> dict[str, Any]:
    record = logging.makeLogRecord({"msg": message, "args": arguments, "levelname": "INFO", "name": "till.x", **facts})
    text = JsonFormatter(3, [SECRET, "pa%55"]).format(record)
    assert "\n" not in text
    found: dict[str, Any] = json.loads(text)
    return found


def test_a_line_has_a_time_a_word_a_till_and_its_facts() -> None:
    found = line_of("written", session="s1", types=["item_added"])
    assert found.pop("time").endswith("Z")
    assert found == {"level": "info", "event": "written", "till": 3, "session": "s1", "types": ["item_added"]}


def test_a_message_of_a_library_is_kept_without_its_quotes() -> None:
    found = line_of('no relation "orders", no person "Asha B." at line %d', 3)
    assert (found["event"], found["by"]) == ("said", "till.x")
    assert found["said"] == 'no relation "orders", no person “…” at line 3'


@pytest.mark.parametrize(
    "text",
    [
        f"refused {SECRET}",
        "no way by postgresql://till_app:Zx9-secret_of-a-till@db/venue",
        "no way by postgresql://till_app:other@db/venue",
        "host=db password=other user=x",
        "host=db password='other' user=x",
    ],
)
def test_no_secret_is_in_a_line(text: str) -> None:
    problem = RuntimeError(text)
    problem.__cause__ = ValueError(text)
    facts = {"exc_info": (RuntimeError, problem, None)}
    shown = json.dumps(
        [line_of(text), line_of("fault", **facts), line_of("w", error=text, other=text, one=ValueError(text))]
    )
    assert SECRET not in shown
    assert "other@" not in shown
    assert "password=other" not in shown.replace("'", "")


def test_log_names_the_place_of_a_fault_without_local_values() -> None:
    pin = "4711"
    with pytest.raises(KeyError) as caught:
        _ = {"a": pin}["b"]
    found = line_of("fault", exc_info=(caught.type, caught.value, caught.tb))
    assert found["error"] == "KeyError: 'b'"
    assert len(found["trace"]) == 1
    assert "test_log_lines.py" in found["trace"][0]
    assert "4711" not in str(found)


def test_the_password_of_a_url_is_known_as_it_is_written_and_as_it_is_meant() -> None:
    assert passwords_in("postgresql://till_app:p%40ss@db/venue") == ["p%40ss", "p@ss"]
    assert passwords_in("embedded") == []


def test_the_file_is_bounded_and_its_owners_alone(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "logs" / "till.log", size=1000, keep=2)
    for number in range(200):
        file.write(json.dumps({"n": number, "fill": "x" * 50}))
    there = {path.name: path for path in (tmp_path / "logs").iterdir()}
    assert there.keys() <= {"till.log", "till.log.1", "till.log.2"}
    assert {"till.log.1", "till.log.2"} <= there.keys()
    for path in there.values():
        assert path.stat().st_size < 1100
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert all(json.loads(line)["fill"] for line in path.read_text().splitlines())
    none = LogFile(tmp_path / "none.log", size=100, keep=0)
    for _number in range(9):
        none.write("x" * 60)
    assert [path.name for path in tmp_path.glob("none.log*")] in (["none.log"], [])


def test_concurrent_writers_tear_no_log_line(tmp_path: Path) -> None:
    path = tmp_path / "till.log"

    def writes(writer: int) -> None:
        file = LogFile(path, size=4000, keep=50)
        for number in range(200):
            file.write(json.dumps({"writer": writer, "n": number}))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(writes, range(4)))
    lines = [json.loads(line) for one in tmp_path.iterdir() for line in one.read_text().splitlines()]
    assert len(lines) == 800
    assert len({(line["writer"], line["n"]) for line in lines}) == 800


@pytest.mark.parametrize("seed", range(20))
def test_no_line_of_two_tills_is_lost_whatever_becomes_of_the_folder(tmp_path: Path, seed: int) -> None:
    play, folder = Random(seed), tmp_path / "logs"  # noqa: S311 - a played folder, no secrets
    tills = [LogFile(folder / "till.log", size=play.choice((60, 300, 1 << 20)), keep=200) for _till in range(2)]
    kept: set[str] = set()
    for number in range(200):
        line = f"line {number} {'x' * play.randrange(30)}"
        match play.choices(("write", "full", "delete folder", "delete file", "rename"), (20, 2, 1, 1, 1))[0]:
            case "full":
                with no_room_beyond(0), pytest.raises(OSError, match="large"):
                    play.choice(tills).write(line)
            case "delete folder":
                shutil.rmtree(folder, ignore_errors=True)
                kept.clear()
            case "delete file":
                kept -= set((folder / "till.log").read_text().splitlines()) if (folder / "till.log").exists() else set()
                (folder / "till.log").unlink(missing_ok=True)
            case "rename":
                if (folder / "till.log").exists():
                    (folder / "till.log").rename(folder / f"till.log.by-hand-{number}")
            case _:
                play.choice(tills).write(line)
                kept.add(line)
                newest = next(path for name in ("till.log", "till.log.1") if (path := folder / name).exists())
                assert newest.read_text().splitlines()[-1] == line
        there = [one for path in folder.glob("*") for one in path.read_text().splitlines()]
        assert (set(there), len(there)) == (kept, len(kept))
    for till in tills:
        till.close()


def test_the_file_is_opened_for_the_first_line_and_after_each_rotation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    open_ = os.open

    def noted(*arguments: Any) -> int:
        opened.append(open_(*arguments))
        return opened[-1]

    monkeypatch.setattr(os, "open", noted)
    file, other = (LogFile(tmp_path / "till.log", size=size, keep=1) for size in (1 << 20, 1000))
    for _line in range(50):
        file.write("x")
    assert len(opened) == 1
    other.write("x" * 1000)
    for _line in range(50):
        file.write("x")
    assert len(opened) == 3
    file.close()
    other.close()
    for one in opened:
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(one)


def record(word: str, level: int = logging.INFO) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": word, "levelno": level})


def test_a_warning_is_written_at_once_with_the_lines_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_lines, "_SOON", 300)
    seen: Queue[str] = Queue()

    class Seen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.put(record.msg)

    behind = QueuedHandler(Seen())
    behind.handle(record("one"))
    behind.handle(record("two", logging.WARNING))
    assert [seen.get(timeout=30), seen.get(timeout=30)] == ["one", "two"]
    behind.handle(record("three"))
    behind.close()
    assert seen.get_nowait() == "three"


def test_logging_waits_for_no_disk_and_overflow_is_counted(tmp_path: Path) -> None:
    stuck, goes_on = threading.Event(), threading.Event()
    seen: list[logging.LogRecord] = []

    class Slow(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            stuck.set()
            goes_on.wait(30)
            seen.append(record)

    behind = QueuedHandler(Slow())
    for _number in range(6000):
        behind.handle(record("one"))
    assert stuck.wait(30)
    goes_on.set()
    behind.close()
    assert [record.msg for record in seen].count("lines_lost") == 1
    assert sum(getattr(record, "lines", 0) for record in seen) + sum(r.msg == "one" for r in seen) == 6000
    behind = begin_log(tmp_path / "a" / "till.log", "info", size=1000, keep=1, till=2)
    logging.getLogger("till.some").info("word", extra={"session": "s"})
    end_log(behind)
    assert json.loads((tmp_path / "a" / "till.log").read_text())["till"] == 2


def test_a_disk_that_refuses_costs_the_line_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    LogFile(tmp_path / "file" / "till.log", 1000, 1).handle(logging.makeLogRecord({"msg": "one"}))
