"""The terminal's own file: its transactions, the messages received, and its planned answers.

Both the terminal and the test have it open: a write is on the disk before it is answered.
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
        """Forget everything, as a new terminal."""
        for table in ("processed", "heard", "said", "script", "faults", "periods"):
            self._file.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    # --- for the test

    def plan(self, does: str = "approve", arg: str = "", *, line: str = "", about: str = "money") -> None:
        """Plan the answer to the next payment or reversal (`about="status"`: to a question about one), behind others.

        `line` is the way in which the answer goes over the line.
        """
        self._file.execute("INSERT INTO script (about, does, arg, line) VALUES (?, ?, ?, ?)", (about, does, arg, line))

    def charges(self) -> list[tuple[str, str, str]]:
        """Return kind, currency and amount of each transaction that moved money, oldest first."""
        return self._file.execute(
            "SELECT kind, currency, amount FROM processed WHERE amount <> '0' ORDER BY rowid"
        ).fetchall()

    def heard(self, category: str) -> list[Any]:
        """Return the messages of a category that arrived."""
        rows = self._file.execute("SELECT message FROM heard WHERE category = ? ORDER BY n", (category,))
        return [json.loads(row[0]) for row in rows]

    def sent(self) -> list[Any]:
        """Return the whole messages that it sent."""
        return [json.loads(row[0]) for row in self._file.execute("SELECT message FROM said ORDER BY n")]

    def faults(self) -> list[str]:
        """Return the faults of the messages received."""
        return [row[0] for row in self._file.execute("SELECT fault FROM faults ORDER BY n")]

    # --- for the terminal

    def next_plan(self, about: str = "money") -> tuple[str, str, str]:
        """Take the next planned answer; without one, approve and answer properly."""
        row = self._file.execute(
            "SELECT n, does, arg, line FROM script WHERE about = ? ORDER BY n LIMIT 1", (about,)
        ).fetchone()
        if row is None:
            return "approve", "", ""
        self._file.execute("DELETE FROM script WHERE n = ?", (row[0],))
        return row[1], row[2], row[3]

    def hear(self, category: str, message: object) -> None:
        """Record a message that arrived."""
        self._file.execute("INSERT INTO heard (category, message) VALUES (?, ?)", (category, json.dumps(message)))

    def say(self, message: object) -> None:
        """Record a sent message."""
        self._file.execute("INSERT INTO said (message) VALUES (?)", (json.dumps(message),))

    def fault(self, fault: str) -> None:
        """Record a fault of a message."""
        self._file.execute("INSERT INTO faults (fault) VALUES (?)", (fault,))

    def period(self) -> int:
        """Return the number of the open reconciliation period."""
        return int(self._file.execute("SELECT count(*) FROM periods").fetchone()[0]) + 1

    def process(
        self, names: tuple[str, str], category: str, kind: str, currency: str, amount: str, answer: object
    ) -> None:
        """Record a transaction; it is on the disk when this returns."""
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
        """Return category and answer of a transaction."""
        row = self._file.execute(
            "SELECT category, answer FROM processed WHERE sale_id = ? AND service_id = ?", names
        ).fetchone()
        return (row[0], json.loads(row[1])) if row else None

    def of_number(self, number: str) -> tuple[str, str] | None:
        """Return currency and amount of the transaction that a reversal names."""
        row: tuple[str, str] | None = self._file.execute(
            "SELECT currency, amount FROM processed WHERE number = ? AND kind = 'Debit'", (number,)
        ).fetchone()
        return row

    def totals(self) -> list[tuple[str, str, int, str]]:
        """Return currency, kind, count and amounts of the open period."""
        return self._file.execute(
            "SELECT currency, kind, count(*), group_concat(amount) FROM processed"
            " WHERE amount <> '0' AND period = ? GROUP BY currency, kind ORDER BY currency, kind",
            (self.period(),),
        ).fetchall()
