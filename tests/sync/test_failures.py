"""The sentences of failures in another language: the server's own words stay English where the till has no sentence."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.plugins.made_up import made_up
from till.domain.i18n import speak, speaking
from till.sync.connection import of_connecting
from till.sync.failures import Failure, FailureKind, of_sqlstate, refusal, rejected_sentence
from till.sync.status import AWAY_AFTER

if TYPE_CHECKING:
    from tests.sync.rig import Rig

_WORD = re.compile("[A-Za-z]{2,}")
_DETAIL = "That booking was cancelled at the desk."


@pytest.mark.parametrize(
    ("code", "of_question", "lead", "remedy"),
    [
        ("not_booked", True, _DETAIL, ""),
        ("not_booked", False, made_up("The server refused this till."), _DETAIL),
        (
            "protocol",
            False,
            made_up("The server does not understand this till."),
            made_up("Upgrade the older of the two."),
        ),
        (
            "wrong_store",
            True,
            made_up("The server belongs to another venue."),
            made_up("Check this till's configuration."),
        ),
    ],
)
def test_the_servers_detail_stays_english_where_the_till_has_no_sentence(
    qps: str, code: str, lead: str, remedy: str, *, of_question: bool
) -> None:
    with speaking(qps):
        sentence = refusal(code, _DETAIL, 1, of_question=of_question).sentence
    assert sentence.lead == lead
    assert sentence.remedy.startswith(remedy[:12])


def test_a_refused_role_and_a_refused_record_speak_the_language_of_the_screen(
    qps: str,
) -> None:
    with speaking(qps):
        role, record = of_sqlstate("42501", "permission denied").detail, rejected_sentence("22P02 bad", 1)
    assert role.startswith(made_up("The database refuses this till's role."))
    assert "22P02 bad" in record
    assert record.lead == made_up("1 record needs attention.")


def _refused(message: str, host: str = "db.example:5432") -> Failure:
    """Return the failure of a connection that a server refused."""
    return of_connecting(psycopg.OperationalError(f"connection failed: {message}"), f"postgresql://me@{host}/venue")


#: Commands and names in the failures, and the messages of the server.
_NAMES = """db.example me venue till db check, prepare, upgrade, help TLS, doctor connections ssl XX
    too many clients, is not permitted to log in, password authentication failed, server does not support SSL"""
_FAILURES = {
    "late": Failure(FailureKind.DEADLINE),
    "full disk": of_sqlstate("53100", "no space"),
    "refused role": of_sqlstate("42501", "denied"),
    "older": of_sqlstate("42883", "no function"),
    "unreachable": _refused("XX"),
    "here": of_connecting(psycopg.OperationalError("failed: XX"), "host=/run/till user=me dbname=venue"),
    "full server": _refused("too many clients XX"),
    "barred": _refused('role "me" is not permitted to log in'),
    "password": _refused("password authentication failed XX"),
    "no database": _refused('database "venue" does not exist'),
    "no TLS": _refused("server does not support SSL XX"),
}


@pytest.mark.parametrize("failure", _FAILURES.values(), ids=_FAILURES)
def test_the_reason_of_the_light_is_in_the_language_of_who_reads_it_later(rig: Rig, qps: str, failure: Failure) -> None:
    for _attempt in range(AWAY_AFTER):
        rig.engine.on_failure(failure, rig.now)
    kept = rig.engine.light.detail
    assert kept.again() == kept
    speak(qps)
    found = kept.again()
    assert not {*_WORD.findall(found)} - {*_WORD.findall(_NAMES)}
    assert bool(found.remedy) == bool(kept.remedy)
    assert found != kept


def test_a_refusal_and_a_wrong_clock_are_in_the_language_of_who_reads_them_later(rig: Rig, qps: str) -> None:
    sentence = refusal("till_revoked", "", 7).sentence
    rig.engine._status.compare(rig.clock.now() + timedelta(hours=3))
    notice = rig.engine.light.notice
    assert notice == "This till's clock is 3 hours behind. Set it; keep selling."
    rig.engine.doubt("menu", {"XX"})
    records = rig.engine.light.detail
    speak(qps)
    assert sentence.again().lead == made_up("This till was revoked; keep selling.")
    assert not {*_WORD.findall(notice.again())}
    assert {*_WORD.findall(records.again())} == {"XX"}
    assert records.lead == "1 record needs attention."
