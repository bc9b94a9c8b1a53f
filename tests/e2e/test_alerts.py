"""The recommended alerts (docs/prometheus/till.yml), played by promtool on metrics that real tills wrote."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.e2e.terminal import PATIENCE, Terminal
from tests.hostile.test_disk import fill, small_disk  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.terminals import Venue

RULES: Final = Path(__file__).parents[2] / "docs" / "prometheus" / "till.yml"
PROMTOOL: Final = shutil.which("promtool") or ""
#: Seconds between two looks at a till that lives.
APART: Final = 1.0
MEASURED: Final = 'till_measured_timestamp_seconds{till="1"}'
ANSWERED: Final = 'till_last_acknowledged_timestamp_seconds{till="1"}'

pytestmark = pytest.mark.skipif(not PROMTOOL, reason="promtool (Debian's prometheus) is not installed here")


def measuring(file: Path) -> dict[str, str]:
    """Return the environment of a till that writes its metrics often, and asks its database often."""
    often = {"TILL_METRICS__EVERY_S": "0.1", "TILL_SYNC__POLL_S": "0.2", "TILL_SYNC__DEADLINE_S": "1"}
    return {"TILL_METRICS__FILE": str(file), **often}


def samples(file: Path) -> dict[str, float]:
    """Return the values of a file by series."""
    lines = [line.rpartition(" ") for line in file.read_text().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _space, value in lines}


def later(terminal: Terminal, file: Path, after: float) -> dict[str, float]:
    """Return the metrics that a till takes after a time."""
    ends = time.monotonic() + PATIENCE
    while not file.exists() or samples(file)[MEASURED] <= after:
        assert time.monotonic() < ends
        terminal.read_for(0.1)
    return samples(file)


def living(terminal: Terminal, file: Path, *, is_answered: bool = True) -> dict[str, tuple[float, int]]:
    """Return the values of a till that goes on as between two looks: each with its growth in a second.

    A time that moved goes on with the clock, however late a busy machine was with one of the looks. Of a till whose
    server answers, the time of the last answer has moved.
    """
    first = later(terminal, file, time.time())
    second = later(terminal, file, first[MEASURED] + APART)
    ends = time.monotonic() + PATIENCE
    while is_answered and second[ANSWERED] == first[ANSWERED]:
        assert time.monotonic() < ends
        second = later(terminal, file, second[MEASURED])
    return {
        name: (value - second[MEASURED], int(value > first[name]))
        if "_timestamp_" in name else (value, 0)
        for name, value in second.items()
    }  # fmt: skip


def dead(file: Path) -> dict[str, tuple[float, int]]:
    """Return the values of a file that nobody writes any more."""
    now = time.time()
    return {name: (value - now if "_timestamp_" in name else value, 0) for name, value in samples(file).items()}


def plays(folder: Path, found: dict[str, tuple[float, int]], *alerts: str, hours: int = 1) -> None:
    """Check that these alerts fire, and no other, if the values go on for some hours."""
    minutes = 10 if hours > 2 else 1
    values = {
        name: f"{value:.3f}+{60 * minutes * growth}x{60 * hours // minutes}"
        for name, (value, growth) in found.items()
    }  # fmt: skip
    run_rules(folder, [play(f"{minutes}m", values, f"{hours}h", *alerts)])


def play(every: str, values: dict[str, str], until: str, *alerts: str) -> dict[str, Any]:
    """Return a test of promtool: these alerts fire at the end, and no other, if series have these values."""
    query = {
        "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
        "eval_time": until,
        "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1} for alert in alerts],
    }
    inputs = [{"series": name, "values": series} for name, series in values.items()]
    return {"interval": every, "input_series": inputs, "promql_expr_test": [query]}


def run_rules(folder: Path, tests: list[dict[str, Any]]) -> None:
    """Evaluate the rules as often as the series have values, but at most each five minutes: each time takes 2 ms."""
    every, file = max("5m", *(test["interval"] for test in tests), key=lambda one: int(one[:-1])), folder / "play.json"
    file.write_text(json.dumps({"rule_files": [str(RULES)], "evaluation_interval": every, "tests": tests}))
    done = subprocess.run([PROMTOOL, "test", "rules", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def silent_server(venue: Venue) -> Iterator[None]:
    """Stop the processes of the embedded server: it answers nobody, and no till starts it again."""
    first = venue.server.status().pid
    assert first is not None
    backends = venue.rows(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    pids = [first, *(pid for (pid,) in backends)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):  # a backend may have ended as it was stopped
                os.kill(pid, signal.SIGCONT)


def test_alerts_tell_a_till_in_trouble_from_one_that_idles(venue: Venue, tmp_path: Path) -> None:
    file = tmp_path / "till-1.prom"
    more = measuring(file)
    till = venue.open_connected(1, more=more)
    plays(tmp_path, living(till, file))
    venue.log_in(till).type("1 idly\r").wait_for("Total ₹40.00").wait_for("● saved")
    plays(tmp_path, living(till, file))
    with silent_server(venue):
        till.type("1 idly\r").wait_for("Total ₹80.00").wait_for("▲ offline since ")
        plays(tmp_path, living(till, file, is_answered=False), "TillUnsent", "TillDatabaseSilent")
        till.kill9()
        plays(tmp_path, dead(file), "TillUnsent", "TillSilent")
    till = venue.open(more=more).wait_for("This till closed unexpectedly at ").wait_for("● saved")
    venue.log_in(till)
    with silent_server(venue):
        till.type("1 idly\r").wait_for("Total ₹120.00").wait_for("▲ offline since ")
        till.press("f12").wait_for("type a number").press("ctrl+q").wait_for_end()
        plays(tmp_path, dead(file), "TillClosedUnsent")
    till = venue.open_connected(1, more=more).press("ctrl+q")
    assert till.wait_for_end() == 0
    plays(tmp_path, dead(file))


@pytest.mark.usefixtures("small_disk")
def test_a_full_disk_is_told_while_nothing_can_be_written_there(venue: Venue, tmp_path: Path) -> None:
    file = venue.folder / "journals" / "till-1.prom"
    till = venue.open_connected(1, more=measuring(file))
    plays(tmp_path, living(till, file), "TillDiskLow")
    log, ends = venue.folder / "logs" / "till.log", time.monotonic() + PATIENCE
    while not log.exists():  # a full disk has no room for a new one
        assert time.monotonic() < ends
        till.read_for(0.1)
    fill(file.parent)
    while "metrics_not_written" not in log.read_text():
        assert time.monotonic() < ends
        till.read_for(0.1)
    plays(tmp_path, dead(file), "TillDiskLow", "TillSilent")


def test_the_database_tells_an_old_backup_and_the_end_of_a_certificate(venue: Venue, tmp_path: Path) -> None:
    file, own = tmp_path / "database.prom", tmp_path / "own.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for days, ends in ((10, ("TillCertificateEnds",)), (30, ())):
        subprocess.run(
            [*command, "-days", str(days), "-subj", "/CN=till", "-keyout", "/dev/null", "-out", own], check=True
        )
        done = venue.run("admin", "stats", "--metrics", str(file), more={"TILL_GATEWAY__CERTIFICATE": str(own)})
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        timed = {name: (value, int("_measured_" in name)) for name, (value, _growth) in dead(file).items()}
        plays(tmp_path, timed, *ends, hours=2)
    plays(tmp_path, dead(file), "TillBackupOld", "TillMetricsOld", hours=50)


#: For each alert the series that fire it, and others that do not, as promtool reads them: values for minutes, and for
#: half hours where a week is looked at.
_OPEN: Final = {'till_open{till="1"}': "1x180"}
_CLOSED: Final = {'till_open{till="1"}': "0x180"}
_GONE: Final = {'till_database_till_live{store="s",till="1"}': "0x180"}
_LIVE: Final = {'till_database_till_live{store="s",till="1"}': "1x180"}
_UP: Final = {'up{instance="a",job="n"}': "1x180"}
_UNSENT: Final = {'till_unsent_events{till="1"}': "3x180"}
_VANISHED: Final = {'till_open{instance="a",job="n",till="1"}': "1x60 _x120"}
_TAKEN: Final = 'till_measured_timestamp_seconds{till="1"}'
_WRITTEN: Final = 'till_database_measured_timestamp_seconds{store="s"}'


_STANDBYS: Final = 'till_database_standbys{store="s"}'
_BOOTED: Final = 'node_boot_time_seconds{instance="a",job="n"}'
#: Its machine was switched off while the till was open, and started again.
_LEFT_OPEN: Final = {
    'till_open{instance="a",job="n",till="1"}': "1x180",
    'till_measured_timestamp_seconds{instance="a",job="n",till="1"}': "60x180",
    _BOOTED: "3600x180",
}


def _keys(each_minute: int, quick: int) -> dict[str, str]:
    return {
        'till_key_to_line_seconds_bucket{till="1",le="0.016"}': f"0+{quick}x180",
        'till_key_to_line_seconds_count{till="1"}': f"0+{each_minute}x180",
    }


PLAYS: Final[dict[str, tuple[list[dict[str, str]], list[dict[str, str]]]]] = {
    "TillUnsent": (
        [_OPEN | {'till_unsent_events{till="1"}': "3x180", 'till_light{till="1",state="saved"}': "0x180"}],
        [_OPEN | {'till_unsent_events{till="1"}': "3x180", 'till_light{till="1",state="saved"}': "1x180"}],
    ),
    "TillDatabaseSilent": (
        [_OPEN | {_TAKEN: "0+60x180", 'till_last_acknowledged_timestamp_seconds{till="1"}': "0x180"}],
        [_OPEN | {_TAKEN: "0+60x180", 'till_last_acknowledged_timestamp_seconds{till="1"}': "0+60x180"}],
    ),
    "TillClosedUnsent": (
        [_CLOSED | _UNSENT, _CLOSED | _LIVE | _UNSENT],
        [_CLOSED | {'till_unsent_events{till="1"}': "0x180"}, _CLOSED | _GONE | _UNSENT],
    ),
    "TillSilent": (
        [
            _OPEN | {_TAKEN: "0x180"},
            _OPEN | _LIVE | {_TAKEN: "0x180"},
            _LEFT_OPEN | {'till_database_logged_in{store="s"}': "1x180"},
            _LEFT_OPEN | {_BOOTED: "30x180"},  # it died since
        ],
        [
            _CLOSED | {_TAKEN: "0x180"},
            _OPEN | _GONE | {_TAKEN: "0x180"},
            _OPEN | {_TAKEN: "0+60x180"},
            _LEFT_OPEN,
            _LEFT_OPEN | {'till_database_logged_in{store="s"}': "0x180"},
        ],
    ),
    "TillMetricsGone": (
        [_VANISHED | _UP, _VANISHED | _UP | _LIVE, {_WRITTEN: "0+60x60 _x120"}],
        [
            _VANISHED | {'up{instance="a",job="n"}': "1x60 0x120"},  # its port answers while it is open
            _VANISHED | _UP | _GONE,
            _VANISHED | _UP | {'till_open{instance="b",job="n",till="1"}': "_x60 1x120"},  # it was moved
            {'till_open{instance="a",job="n",till="1"}': "0x180"} | _UP,
            {_WRITTEN: "0+60x180"},
        ],
    ),
    "TillNeedsManager": (
        [_OPEN | {'till_conflicts{till="1"}': "1x180"}, _OPEN | {'till_records_aside{till="1"}': "1x180"}],
        [_CLOSED | {'till_conflicts{till="1"}': "1x180"}, _OPEN | {'till_conflicts{till="1"}': "0x180"}],
    ),
    "TillSlow": (
        [_OPEN | _keys(10, 5)],
        [_OPEN | _keys(10, 10), _CLOSED | _keys(10, 5), _OPEN | {
            'till_key_to_line_seconds_bucket{till="1",le="0.016"}': "0x180",
            'till_key_to_line_seconds_count{till="1"}': "0x60 1x120",  # one slow key
        }],
    ),
    "TillClockWrong": (
        [_OPEN | {'till_clock_skew_seconds{till="1"}': "90x180"},
         {'till_database_clock_skew_seconds{store="s"}': "90x180"}],
        [_CLOSED | {'till_clock_skew_seconds{till="1"}': "90x180"},
         _OPEN | {'till_clock_skew_seconds{till="1"}': "9x180"}],
    ),
    "TillDiskLow": (
        [_OPEN | {'till_disk_free_bytes{till="1"}': "900000000x180"},
         {'till_database_disk_free_bytes{store="s"}': "900000000x180"}],
        [_CLOSED | {'till_disk_free_bytes{till="1"}': "900000000x180"},
         _OPEN | {'till_disk_free_bytes{till="1"}': "9000000000x180"}],
    ),
    "TillPrinter": (
        [_OPEN | {'till_printers_in_trouble{till="1"}': "1x180"},
         _OPEN | {'till_print_jobs_waiting{till="1"}': "1x180"}],
        [_CLOSED | {'till_printers_in_trouble{till="1"}': "1x180", 'till_print_jobs_waiting{till="1"}': "1x180"}],
    ),
    "TillServiceDown": (
        [{'till_service_up{service="serve"}': "0x180"}],
        [{'till_service_up{service="serve"}': "1x165 0x15"}],
    ),
    "TillServiceUnasked": (
        [{'till_service_asked_timestamp_seconds{service="serve"}': "0x180"}],
        [{'till_service_asked_timestamp_seconds{service="serve"}': "0+60x180"}, {}],
    ),
    "TillKitchenSilent": (
        [{'till_database_kitchen_unseen_seconds{store="s",till="90"}': "700x180",
          'till_database_logged_in{store="s"}': "2x180"}],
        [{'till_database_kitchen_unseen_seconds{store="s",till="90"}': "700x180",
          'till_database_logged_in{store="s"}': "0x180"},
         {'till_database_kitchen_unseen_seconds{store="s",till="90"}': "20x180",
          'till_database_logged_in{store="s"}': "2x180"}],
    ),
    "TillFiscalSenderSilent": (
        [{_WRITTEN: "0+60x180", 'till_database_fiscal_sender_seen_seconds{store="s"}': "60x180"}],
        [{_WRITTEN: "0+60x180", 'till_database_fiscal_sender_seen_seconds{store="s"}': "0+60x180"},
         {_WRITTEN: "0+60x180", 'till_database_fiscal_sender_seen_seconds{store="s"}': "0x180"}],
    ),
    "TillFiscalWaits": (
        [{'till_database_fiscal_waiting{store="s"}': "4x180",
          'till_database_fiscal_waiting_since_seconds{store="s"}': "60x180"}],
        [{'till_database_fiscal_waiting{store="s"}': "0x180",
          'till_database_fiscal_waiting_since_seconds{store="s"}': "0x180"}],
    ),
    "TillMetricsOld": ([{_WRITTEN: "0x180"}], [{_WRITTEN: "0+60x180"}]),
    "TillBackupOld": (
        [{'till_database_backup_timestamp_seconds{store="s"}': "-200000x180"}],
        [{'till_database_backup_timestamp_seconds{store="s"}': "-60000x180"}],
    ),
    "TillStandbyGone": (
        [{_STANDBYS: "1x120 0x60"}, {'till_database_standby_slots_idle{store="s"}': "1x180"}],
        [{_STANDBYS: "1x180"}, {_STANDBYS: "0x90 1x5 0x90"}, {'till_database_standby_slots_idle{store="s"}': "0x180"}],
    ),
    "TillDatabaseGrows": (
        [{'till_database_bytes{store="s"}': "1000000000x336 1600000000x4"}],
        [{'till_database_bytes{store="s"}': "1000000000x336 1400000000x4"}],
    ),
    "TillConflict": (
        [{'till_database_conflicts{store="s"}': "1x180"}, {'till_database_records_aside{store="s"}': "1x180"}],
        [{'till_database_conflicts{store="s"}': "0x180"}],
    ),
    "TillCertificateEnds": (
        [{'till_certificate_end_timestamp_seconds{certificate="serve"}': "1000000x180"}],
        [{'till_certificate_end_timestamp_seconds{certificate="serve"}': "2000000x180"}],
    ),
}  # fmt: skip
PLAYS.update(  # whatever is declared to wait, and only counted
    (name, ([{f'{metric}{{store="s"}}': "1x180"}], [{f'{metric}{{store="s"}}': "0x180"}]))
    for name, metric in re.findall(r"- alert: (\w+)\n +expr: (till_database_\w+) > 0\n", RULES.read_text("utf-8"))
)


def test_each_alert_has_a_severity_and_is_played() -> None:
    text = RULES.read_text(encoding="utf-8")
    found = re.findall(r"- alert: (\w+)$.*?labels: \{severity: (page|ticket)\}$", text, re.MULTILINE | re.DOTALL)
    assert [name for name, _severity in found] == re.findall(r"- alert: (\w+)$", text, re.MULTILINE)
    assert {name for name, _severity in found} == PLAYS.keys()


@pytest.mark.parametrize("alert", PLAYS)
def test_an_alert_fires_where_it_is_due_and_nowhere_else(tmp_path: Path, alert: str) -> None:
    every, until = ("30m", "170h") if alert == "TillDatabaseGrows" else ("1m", "175m")
    due, elsewhere = PLAYS[alert]
    tests = [play(every, series, until, alert) for series in due]
    run_rules(tmp_path, tests + [play(every, series, until) for series in elsewhere])
