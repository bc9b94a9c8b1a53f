"""The log: JSON lines in a file that the tills of a machine share. It is limited in size and contains no secrets.

Each line has `time`, `level`, `event` (a word), `till` and, if it is about an order, `session`, so that one id traces
an order from its first key to cold storage. Callers log the word as the message, and details as `extra`.

Details never contain free text of a person. Quoted parts of messages of exceptions and libraries are removed.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import threading
import traceback
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from till.config.folders import Folders

_OURS_ALONE: Final = 0o600
_WORD: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
_QUOTED: Final = re.compile(r"(?P<mark>[\"'“])(?P<text>(?:[^\"'“”\\]|\\.)*)[\"'”]")
#: Quoted text that is not removed: identifiers without capitals and spaces.
_NAME: Final = re.compile(r"[a-z_][a-z0-9_.]*\Z")
_PASSWORD: Final = re.compile(
    r"(?P<before>://[^\s:/@]*:)(?P<secret>[^\s@]+)(?=@)|(?P<key>password\s*=\s*)(?:'[^']*'|[^\s&]+)", re.IGNORECASE
)
_HIDDEN: Final = "…"
_OWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
#: The most records that wait for a slow disk. Further records are only counted.
_MOST_WAITING: Final = 5_000
#: The most seconds until a record below warning level is written.
_SOON: Final = 0.5
_LONGEST: Final = 2_000
#: The default size and number of files, without a configuration.
_SIZE: Final = 10 << 20
_KEEP: Final = 4


def passwords_in(url: str) -> list[str]:
    """Return the password in a URL, encoded and decoded; empty if there is none."""
    found = _PASSWORD.search(url)
    return [found["secret"], unquote(found["secret"])] if found and found["secret"] else []


def describe_error(problem: BaseException | None) -> str:
    """Return the type and the message of an exception, without quoted parts; empty for None."""
    return f"{type(problem).__name__}: {_plain(str(problem))}" if problem is not None else ""


class JsonFormatter(logging.Formatter):
    """A formatter of log records as JSON lines.

    Args:
        till: the till number; 0 for a command.
        secrets: texts to hide.
    """

    def __init__(self, till: int = 0, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._till = till
        self._secrets = tuple(sorted({one for one in secrets if one}, key=len, reverse=True))

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Format a record. Never raises, because a failing log must not break the program."""
        message = record.getMessage() if record.args else str(record.msg)
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="microseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": message if _WORD.match(message) else "said",
        }
        if self._till:
            line["till"] = self._till
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if line["event"] == "said":
            line |= {"by": record.name, "said": message}
        line |= {name: _plain(value) for name in ("said", "error") if isinstance(value := line.get(name), str)}
        if record.exc_info and record.exc_info[1] is not None:
            line |= trace(record.exc_info[1])
        # a password is hidden before a text is cut: half of one is not known as such
        short = {name: self.hide(value)[:_LONGEST] if isinstance(value, str) else value for name, value in line.items()}
        return self.hide(json.dumps(short, ensure_ascii=False, default=_as_text))

    def hide(self, text: str) -> str:
        """Return a text without known secrets and passwords."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _PASSWORD.sub(lambda found: f"{found['before'] or found['key']}{_HIDDEN}", text)


def trace(problem: BaseException) -> dict[str, Any]:
    """Return the message, stack and cause of an exception, without local values."""
    places = [
        f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(problem.__traceback__)
    ]
    found: dict[str, Any] = {"error": describe_error(problem), "trace": places}
    cause = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
    return found | ({"cause": describe_error(cause)} if cause is not None else {})


class LogFile(logging.Handler):
    """A handler that appends lines to a shared file and rotates it. The file stays open between lines.

    Args:
        path: the file; its folder is created if needed.
        size: the size in bytes at which the file is renamed to `.1`, and `.1` to `.2`.
        keep: the number of renamed files to keep.
    """

    def __init__(self, path: Path, size: int, keep: int) -> None:
        super().__init__()
        self._path, self._size, self._keep = path, size, keep
        self._open: tuple[int, os.stat_result] | None = None

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Write one line. If that fails, only the line is lost."""
        with suppress(OSError):
            self.write(self.format(record))

    def write(self, line: str) -> None:
        """Append a line in a single write, so that lines of two tills do not mix.

        Raises:
            OSError: the line cannot be written.
        """
        data = line.encode("utf-8", "replace") + b"\n"
        file, size = self._current()
        os.write(file, data)
        if size + len(data) >= self._size:
            try:
                self._rotate(file)
            finally:
                self._let_go()

    def _current(self) -> tuple[int, int]:
        """Return the open file and its size. It is opened again if another till renamed it, or if it was removed."""
        with suppress(FileNotFoundError):
            found = self._path.stat()
            if self._open is not None and os.path.samestat(found, self._open[1]):
                return self._open[0], found.st_size
        self._let_go()
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _OURS_ALONE)
        self._open = file, os.fstat(file)
        return file, self._open[1].st_size

    def _let_go(self) -> None:
        """Close the file, and with it its lock. The next line opens it again."""
        if self._open is not None:
            (file, _), self._open = self._open, None
            os.close(file)

    @override
    def close(self) -> None:
        self.acquire()
        try:
            self._let_go()
        finally:
            self.release()
        super().close()

    def _rotate(self, file: int) -> None:
        """Rename the full file. A lock on the file makes sure that only one process does so."""
        fcntl.flock(file, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if not os.path.samestat(os.fstat(file), self._path.stat()):
                return
            for number in range(self._keep, 0, -1):
                source = self._renamed(number - 1) if number > 1 else self._path
                with suppress(FileNotFoundError):
                    source.replace(self._renamed(number))
            if not self._keep:
                self._path.unlink()

    def _renamed(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def command_log(folders: Folders) -> LogFile:
    """Return the log of a command. The file is created with the first line."""
    file = LogFile(folders.log, _SIZE, _KEEP)
    secrets = (folders.read_secret(till) for till in folders.enrolled())
    file.setFormatter(JsonFormatter(secrets=[secret for secret in secrets if secret]))
    return file


class QueuedHandler(logging.Handler):
    """A handler that passes records to a writer thread, so that the caller never waits for the disk.

    Warnings, and all records before them, are written at once; records of lower levels within `_SOON` seconds.

    Args:
        target: the handler that writes the records.
    """

    def __init__(self, target: logging.Handler) -> None:
        super().__init__()
        self._target = target
        self._waiting: deque[logging.LogRecord] = deque()
        self._lost = 0
        self._hurry = threading.Event()
        self._closing = False
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self._thread.start()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record, or only count it if the queue is full."""
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(record)
        else:
            self._lost += 1
        if record.levelno >= logging.WARNING:
            self._hurry.set()

    def _write(self) -> None:
        ends = False
        while not ends:
            self._hurry.wait(_SOON)
            self._hurry.clear()
            ends = self._closing  # read first, so that earlier records are written
            while self._waiting:
                self._target.handle(self._waiting.popleft())
            if self._lost:
                lost, self._lost = self._lost, 0
                self._target.handle(logging.makeLogRecord({"msg": "lines_lost", "levelname": "WARNING", "lines": lost}))
        self._target.close()

    @override
    def close(self) -> None:
        """Write the queued records, waiting at most one second."""
        self._closing = True
        self._hurry.set()
        self._thread.join(1)
        super().close()


def begin_log(
    path: Path, level: str, *, size: int, keep: int, till: int = 0, secrets: Iterable[str] = ()
) -> QueuedHandler:
    """Start logging this process to a file. Pass the returned handler to `end_log` at the end."""
    file = LogFile(path, size, keep)
    file.setFormatter(JsonFormatter(till, secrets))
    handler = QueuedHandler(file)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level.upper())
    return handler


def end_log(handler: logging.Handler) -> None:
    """Stop logging, write the queued records, and close the file."""
    logging.getLogger().removeHandler(handler)
    handler.close()


def _plain(text: str) -> str:
    """Return a text in one line, without quoted parts."""
    masked = _QUOTED.sub(lambda found: found[0] if _NAME.match(found["text"]) else f"“{_HIDDEN}”", text)
    return " ".join(masked.split())


def _as_text(value: object) -> str:
    return (describe_error(value) if isinstance(value, BaseException) else _plain(str(value)))[:_LONGEST]
