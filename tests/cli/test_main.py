from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from db.schema import OWN
from tests.plugins.secrets import leaked
from till import __version__
from till.cli import main as entry
from till.cli.main import COMMANDS, main
from till.config import Folders, HeldVenue, VenueKind, hold_venue
from till.domain.errors import ConfigError
from till.journal.schema import REVISIONS
from till.wiring.parts import new_journal_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Shell
    from till.cli.connections import LeasedDatabase
    from till.config import Config

ROOT = Path(__file__).parents[2]
#: Runs a command, and fails if a file that is opened then gets the number of a standard stream.
_OPENED_LATER = """
import os
from till.cli.main import run
try:
    run()
except SystemExit as end:
    os._exit(end.code or (9 if os.open("/", os.O_RDONLY) <= 2 else 0))
"""


def refused(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> tuple[int, str]:
    code = main(arguments)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    assert captured.err.startswith("till: ")
    return code, captured.err.strip()


def test_help_shows_every_command_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in COMMANDS if f"\n  {name} " not in shown] == []
    assert "till demo --till 2" in shown


def test_another_till_of_this_machine_is_opened_by_its_number(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setenv("TILL_DATA_DIR", str(data_dir))
    folders = Folders(data_dir)
    hold_venue(folders, HeldVenue(VenueKind.OWN, new_journal_id(), "Corner", "EUR"))
    folders.keep_secret(2, "a secret")
    assert refused(capsys, ["--till", "2"]) == (
        1,
        "till: The till needs a terminal to draw on. Run it in one; `till --help` lists the commands that need none.",
    )
    assert refused(capsys, ["--till=3"]) == (
        1,
        "till: Till 3 is not enrolled on this machine: `till admin tills add 3 --here`, then `till --till 3`.",
    )
    for wrong in (["--till", "no"], ["--till", "0"], ["--till=1000"], ["--till"], ["--till", "2", "--version"]):
        code, sentence = refused(capsys, wrong)
        assert code == 2
        assert sentence == "till: --till takes the number of a till, 1 to 999, and nothing after it: `till --till 2`."


def test_a_folder_of_another_user_is_named_with_its_remedy(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_arguments: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "/home/till/data")

    monkeypatch.setattr("till.cli.opening.open_configured", closed)
    sentence = "/home/till/data is closed to this user. Run this as the user of the till, or correct TILL_DATA_DIR."
    assert refused(capsys, []) == (1, f"till: {sentence}")


@pytest.mark.parametrize("leaf", ["demo", "admin menu import", "db url"])
def test_the_help_of_a_command_shows_its_example(capsys: pytest.CaptureFixture[str], leaf: str) -> None:
    assert main([*leaf.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Example: till {leaf}" in " ".join(shown.split()).replace("`", "").replace('psql "$(', "")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    tables, functions, journal = OWN.revision, OWN.number, len(REVISIONS)
    assert capsys.readouterr().out == (
        f"till {__version__}, build checkout, tables {tables}, functions {functions}, journal {journal}\n"
    )


def test_a_mistyped_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, ["--til", "2"]) == (
        2,
        "till: --till takes the number of a till, 1 to 999, and nothing after it: `till --till 2`.",
    )
    assert refused(capsys, ["dmeo"]) == (2, "till: There is no command dmeo. Did you mean `till demo`?")
    code, message = refused(capsys, ["\x1b[31mxyzzy"])
    assert code == 2
    assert "\x1b" not in message
    assert "till --help" in message


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["db"], ["till db --help"]),
        (["db", "upgrad"], ["upgrade"]),
        (["db", "status", "--jason"], ["--json", "till db status --help"]),
        (
            ["demo", "--till", "zero"],
            ["Invalid value for '--till': a whole number is needed there. `till demo --help`"],
        ),
        (
            ["admin", "sesions", "list"],
            ["Did you mean 'sessions'", "? `till admin --help` shows how."],
        ),
        (
            ["sessions", "list", "--status", "x"],
            ["Invalid value for '--status': 'x' is not one of 'active', "],
        ),
        (["demo", "--till", "0"], ["--till", "greater than or equal to 1"]),
        (["demo", "extra"], ["extra"]),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str], arguments: list[str], parts: list[str]
) -> None:
    code, message = refused(capsys, arguments)
    assert code == 2
    assert [part for part in parts if part not in message] == [], message


def test_without_a_config_it_offers_the_demo(capsys: pytest.CaptureFixture[str]) -> None:
    code, message = refused(capsys, [])
    assert code == 1
    assert "`till demo`" in message
    assert "config.example.toml" in message


def test_a_config_that_cannot_be_used_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "till.toml"
    config.write_text("[sync]\ndebounce = 5\n")
    monkeypatch.setenv("TILL_CONFIG", str(config))
    for arguments in ([], ["demo"], ["db", "status"]):
        code, message = refused(capsys, arguments)
        assert code == 1
        assert f"{config}, line 2: there is no sync.debounce. Did you mean sync.debounce_ms?" in message


def test_a_database_that_is_not_there_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TILL_DATABASE__URL", "postgresql://till_app:hunter2@127.0.0.1:9/venue")
    code, message = refused(capsys, ["db", "check"])
    assert code == 1
    assert "127.0.0.1:9" in message
    assert "hunter2" not in message


def test_an_unforeseen_error_goes_to_the_log_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    def explode(_arguments: list[str]) -> int:
        pin = "9999"
        raise RuntimeError(f"kettle{len(pin)}")

    monkeypatch.setattr(entry, "_dispatch", explode)
    code, message = refused(capsys, ["demo"])
    log = data_dir / "logs" / "till.log"
    assert code == 1
    assert str(log) in message
    assert "RuntimeError: kettle4" in log.read_text()
    assert leaked(["9999"], log.read_text().replace('pin = "9999"', "")) == []
    assert log.stat().st_mode & 0o077 == 0


def test_a_log_that_cannot_be_written_is_reported_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TILL_DATA_DIR", str(tmp_path / "file"))
    monkeypatch.setattr(entry, "_dispatch", lambda _arguments: 1 / 0)
    assert "the log cannot be written" in refused(capsys, [])[1]


def test_ctrl_c_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(entry, "_dispatch", interrupt)
    assert refused(capsys, ["demo"]) == (1, "till: Stopped.")


def till(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from till.cli.main import run; run()", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **environment},
        cwd=ROOT,
        check=False,
    )


def test_without_a_terminal_the_till_says_in_one_line_that_it_needs_one(data_dir: Path) -> None:
    done = till("demo")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("till: The till needs a terminal")
    assert done.stderr.count("\n") == 1
    assert not (data_dir / "postgres").exists()


def test_help_loads_nothing_that_it_does_not_need() -> None:
    code = "import sys; from till.cli.main import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    heavy = {
        "typer",
        "rich",
        "textual",
        "psycopg",
        "sqlalchemy",
        "alembic",
        "babel",
        "msgspec",
        "argon2",
        "structlog",
        "sqlite3",
    }
    assert set(done.stderr.split()) & heavy == set()


def to_nobody(command: str, **environment: str) -> tuple[int, bytes]:
    """Run a command whose reader left. Return its exit code and what it wrote on standard error."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", "from till.cli.main import run; run()", *command.split()],
        stdout=writer,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "", **environment},  # so that it is written only in the end
        cwd=ROOT,
        check=False,
    )
    os.close(writer)
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", ["--help", "--version", "keys", "keys --json", "admin tills adopt --help"])
def test_a_pipe_whose_reader_left_is_no_fault(command: str) -> None:
    assert to_nobody(command) == (0, b"")


@pytest.mark.parametrize(("command", "unbuffered"), [("doctor", "1"), ("doctor --json", "")])
def test_a_reader_who_left_makes_no_fault_good(command: str, unbuffered: str, tmp_path: Path) -> None:
    config = tmp_path / "till.toml"
    config.write_text("no config\n")
    assert to_nobody(command, TILL_CONFIG=str(config), PYTHONUNBUFFERED=unbuffered) == (1, b"")


@pytest.mark.parametrize("command", ["--help", "keys --json"])
def test_a_full_disk_behind_a_redirection_is_named(command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from till.cli.main import run; run()", *command.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=ROOT,
        )
    assert done.returncode == 1
    expected = "The disk for this output is full. Free some space, then run it again."
    assert done.stderr == f"till: {expected}\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_whose_caller_closed_a_stream_is_carried_out(closed: str) -> None:
    """A false failure would be tried again; and a file that is opened later must not get what is printed."""
    command = ["/bin/sh", "-c", f'exec "$0" -c "$1" keys {closed}', sys.executable, _OPENED_LATER]
    done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, b"")


def test_no_garbage_is_looked_for_in_what_goes_with_the_process() -> None:
    code = "import atexit, gc; atexit.register(lambda: print(len(gc.get_objects()))); "
    done = subprocess.run(
        [sys.executable, "-c", code + "from till.cli.main import run; run()", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert int(done.stdout.split()[-1]) < 1000


def test_a_terminal_that_cannot_write_a_symbol_gets_a_question_mark() -> None:
    done = till("₹", PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert "There is no command ?" in done.stderr


@pytest.mark.parametrize("arguments", [["demo", "--till", "2"], []])
def test_the_first_paint_waits_for_no_way_to_a_database(data_dir: Path, arguments: list[str]) -> None:
    if not arguments:
        hold_venue(Folders(data_dir), HeldVenue(VenueKind.OWN, new_journal_id(), "Café", "EUR"))
        (data_dir / "config.toml").touch()
    code = (
        "import sys, till.cli.opening as opening; opening.has_terminal = lambda: True\n"
        "opening.open_screen = lambda *_all: print(*sys.modules) or 0\n"
        f"from till.cli.main import main; sys.exit(main({arguments}))"
    )
    environment = {**os.environ, **({} if arguments else {"TILL_CONFIG": str(data_dir / "config.toml")})}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    heavy = {"psycopg", "sqlalchemy", "alembic", "babel", "rich", "argon2", "platformdirs", "structlog", "typer"}
    assert set(done.stdout.split()) & (heavy | {"till.cli.connections"}) == set()


def test_a_config_opens_its_till_once_the_machine_is_enrolled(
    capsys: pytest.CaptureFixture[str], venue: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: dict[str, object] = {}

    def open_till(config: Config, folders: Folders, held: HeldVenue, **rest: object) -> int:
        opened.update(rest, name=held.name, deadline=config.sync.deadline_s, root=folders.root)
        return 0

    assert "needs a terminal" in refused(capsys, [])[1]
    monkeypatch.setattr("till.cli.opening.has_terminal", lambda: True)
    monkeypatch.setattr("till.wiring.open_till", open_till)
    monkeypatch.setenv("TILL_TILL__ID", "4")
    assert main([]) == 0
    assert (opened["till"], opened["name"], opened["reference"]) == (4, "Café", None)
    prepare = cast("Callable[[Callable[[str], None]], LeasedDatabase]", opened["prepare"])
    with pytest.raises(ConfigError, match="till admin tills add 4"):
        prepare(print)
    venue.ok("admin", "tills", "add", "4", "--here")
    database = prepare(print)
    assert "till_app" in database.facts.conninfo
    database.release()


def test_an_id_that_is_none_is_refused_without_words_of_a_program(shell: Shell) -> None:
    for command in (("customers", "show"), ("bookings", "cancel")):
        result = shell("admin", *command, "Rao")
        sentence = "till: Invalid value for 'ID': an id belongs there, as the list shows it."
        assert (result.code, result.err) == (2, f"{sentence} `till admin {' '.join(command)} --help` shows how.\n")


def test_text_pasted_by_mistake_does_not_fill_the_screen(shell: Shell) -> None:
    for pasted in ("a" * 10_000, "--" + "a" * 10_000):
        result = shell("admin", "customers", "list", pasted)
        assert (result.code, result.err.count("\n")) == (2, 1)
        assert len(result.err) < 200


def test_a_machine_without_postgresql_is_refused_before_a_training_begins(
    staffed: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("till.cli.opening.has_terminal", lambda: True)
    monkeypatch.setattr("db.embedded.binaries.find_spec", lambda _name: None)
    assert staffed.refused("train") == (
        "This installation has no PostgreSQL of its own to train on. Install the till again, then train."
    )
