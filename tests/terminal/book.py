"""The terminal's own file: what it processed, what it heard, and what it shall do next.

Both the terminal and the test have it open: what is written is on the disk before anybody is told.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS processed (
    sale_id TEXT, service_id TEXT, category TEXT, kind TEXT, currency TEXT, amount TEXT, number TEXT, answer TEXT,
    period INTEGER, PRIMARY KEY (sale_id, service_id));
CREATE TABLE IF NOT EXISTS heard (n INTEGER PRIMARY KEY, category TEXT, message TEXT);
CREATE TABLE IF NOT EXISTS said (n INTEGER PRIMARY KEY, message TEXT);
CREATE TABLE IF NOT EXISTS script (n INTEGER PRIMARY KEY, about TEXT, does TEXT, arg TEXT, line TEXT);
CREATE TABLE IF NOT EXISTS faults (n INTEGER PRIMARY KEY, fault TEXT);
CREATE TABLE IF NOT EXISTS periods (n INTEGER PRIMARY KEY);
"""


class Book:
    """One connection to the file."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None, timeout=10)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._file.close()

    def forget(self) -> None:
        """As a new terminal."""
        for table in ("processed", "heard", "said", "script", "faults", "periods"):
            self._file.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    # --- for the test

    def plan(self, does: str = "approve", arg: str = "", *, line: str = "", about: str = "money") -> None:
        """What the next payment or reversal (`about="status"`: question after one) shall meet, behind those planned.

        `line` says how its answer goes over the line.
        """
        self._file.execute("INSERT INTO script (about, does, arg, line) VALUES (?, ?, ?, ?)", (about, does, arg, line))

    def charges(self) -> list[tuple[str, str, str]]:
        """Kind, currency and amount of each transaction that moved money, oldest first."""
        return self._file.execute(
            "SELECT kind, currency, amount FROM processed WHERE amount <> '0' ORDER BY rowid"
        ).fetchall()

    def heard(self, category: str) -> list[Any]:
        """The messages of a category that arrived."""
        rows = self._file.execute("SELECT message FROM heard WHERE category = ? ORDER BY n", (category,))
        return [json.loads(row[0]) for row in rows]

    def said(self) -> list[Any]:
        """The whole messages that it sent."""
        return [json.loads(row[0]) for row in self._file.execute("SELECT message FROM said ORDER BY n")]

    def faults(self) -> list[str]:
        """What did not fit of what it heard."""
        return [row[0] for row in self._file.execute("SELECT fault FROM faults ORDER BY n")]

    # --- for the terminal

    def next_plan(self, about: str = "money") -> tuple[str, str, str]:
        """What to do now; without a plan it approves, and answers as it should."""
        row = self._file.execute(
            "SELECT n, does, arg, line FROM script WHERE about = ? ORDER BY n LIMIT 1", (about,)
        ).fetchone()
        if row is None:
            return "approve", "", ""
        self._file.execute("DELETE FROM script WHERE n = ?", (row[0],))
        return row[1], row[2], row[3]

    def hear(self, category: str, message: object) -> None:
        """Keep what arrived."""
        self._file.execute("INSERT INTO heard (category, message) VALUES (?, ?)", (category, json.dumps(message)))

    def say(self, message: object) -> None:
        """Keep what is sent."""
        self._file.execute("INSERT INTO said (message) VALUES (?)", (json.dumps(message),))

    def fault(self, fault: str) -> None:
        """Keep what did not fit."""
        self._file.execute("INSERT INTO faults (fault) VALUES (?)", (fault,))

    def period(self) -> int:
        """The number of the reconciliation period that is open."""
        return int(self._file.execute("SELECT count(*) FROM periods").fetchone()[0]) + 1

    def close_period(self) -> None:
        """Begin the next one."""
        self._file.execute("INSERT INTO periods DEFAULT VALUES")

    def process(
        self, names: tuple[str, str], category: str, kind: str, currency: str, amount: str, answer: object
    ) -> None:
        """A transaction is done: it stands on the disk when this returns."""
        number = answer.get("POIData", {}).get("POITransactionID", {}) if isinstance(answer, dict) else {}
        self._file.execute(
            "INSERT INTO processed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *names,
                category,
                kind,
                currency,
                amount,
                number.get("TransactionID", ""),
                json.dumps(answer),
                self.period(),
            ),
        )

    def processed(self, names: tuple[str, str]) -> tuple[str, Any] | None:
        """Category and answer of a transaction."""
        row = self._file.execute(
            "SELECT category, answer FROM processed WHERE sale_id = ? AND service_id = ?", names
        ).fetchone()
        return (row[0], json.loads(row[1])) if row else None

    def of_number(self, number: str) -> tuple[str, str] | None:
        """Currency and amount of what a reversal names."""
        row: tuple[str, str] | None = self._file.execute(
            "SELECT currency, amount FROM processed WHERE number = ? AND kind = 'Debit'", (number,)
        ).fetchone()
        return row

    def totals(self) -> list[tuple[str, str, int, str]]:
        """Currency, kind, count and amounts of the open period."""
        return self._file.execute(
            "SELECT currency, kind, count(*), group_concat(amount) FROM processed"
            " WHERE amount <> '0' AND period = ? GROUP BY currency, kind ORDER BY currency, kind",
            (self.period(),),
        ).fetchall()
