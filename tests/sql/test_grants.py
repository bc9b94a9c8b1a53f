"""Grants of roles: a till has its functions and nothing else, reports their views, administration its functions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from psycopg import errors

from till.reports.declared import REPORTS

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

RELATIONS = """
    SELECT format('%%I.%%I', c.relnamespace::regnamespace, c.relname) FROM pg_class c
    WHERE c.relnamespace = ANY ('{till,hot,warm,cold,session,simulator}'::regnamespace[])
        AND c.relkind IN ('r', 'v', 'm', 'p', 'S')
"""
RIGHTS = """
    SELECT r FROM unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) r
    WHERE has_table_privilege(%s, %s, r)
"""
GRANTED = """
    SELECT p.oid::regprocedure::text FROM pg_proc p
    WHERE p.pronamespace = ANY ('{till,hot,warm,cold,session,simulator}'::regnamespace[])
        AND has_function_privilege(%s, p.oid, 'EXECUTE')
"""


@pytest.mark.parametrize("role", ["till_app", "till_admin"])
def test_neither_tills_nor_administration_read_or_write_a_table(venue: Venue, role: str) -> None:
    names = [row[0] for row in venue.rows(RELATIONS + " AND c.relkind <> 'v'")]
    assert len(names) > 30
    for name in names:
        rights = [] if name.endswith("_seq") else venue.rows(RIGHTS, role, name)
        assert rights == [], name


def test_a_till_that_tries_is_refused(venue: Venue) -> None:
    for name in [row[0] for row in venue.rows(RELATIONS) if not row[0].endswith("_seq")]:
        with pytest.raises(errors.InsufficientPrivilege):
            venue.app.execute(f"TABLE {name}")
        with pytest.raises((errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState)):
            venue.app.execute(f"DELETE FROM {name}")  # noqa: S608 - names that the catalogue gave
    with pytest.raises(errors.InsufficientPrivilege):
        venue.app.execute("SELECT warm.digest('x')")


def test_a_till_may_call_what_the_protocol_names_and_nothing_else(venue: Venue) -> None:
    assert {row[0] for row in venue.rows(GRANTED, "till_app")} == {
        "sync_push_v1(text)", "hello_v1(text)", "user_sessions_v1(text)", "open_tabs_v1(text)",
        "session_events_v1(text)", "grant_order_v1(text)", "conflicts_v1(text)", "customers_v1(text)",
        "bookings_v1(text)", "past_sales_v1(text)", "refund_state_v1(text)", "claim_invoice_v1(text)",
        "voucher_v1(text)", "account_v1(text)", "payment_answer_v1(text)", "enrol_v1(text)",
        "maintenance_v1(text)", "training_v1(text)", "training_scores_v1(text)", "tell_v1(text)",
        "open_orders_v1(text)", "cleared_orders_v1(text)", "schema_v1()", "password_salt_v1(text)",
        "password_login_v1(text)", "manage_v1(text)", "kitchen_board_v1(text)",
        "fiscal_backlog_v1(text)", "fiscal_answers_v1(text)", "plan_pushes_v1()",
        "shelf_v1(text)", "stocktake_v1(text)",
    }  # fmt: skip


def test_nothing_is_open_to_everybody(venue: Venue) -> None:
    everybody = venue.rows(
        """SELECT p.oid::regprocedure::text
        FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        WHERE p.pronamespace = ANY ('{till,hot,warm,cold,session,simulator}'::regnamespace[]) AND a.grantee = 0"""
    )
    assert [row[0] for row in everybody if row[0] != "schema_v1()"] == []


def test_no_security_definer_function_compiles_a_query(venue: Venue) -> None:
    compiling = """
        SELECT p.oid::regprocedure::text FROM pg_proc AS p WHERE p.prosecdef
        AND p.pronamespace = ANY ('{till,hot,warm,cold,session,simulator}'::regnamespace[])
            AND NOT coalesce('jit=off' = ANY (p.proconfig), false)"""
    assert venue.owner.execute(compiling).fetchall() == []


def test_no_call_of_a_till_waits_for_a_lock_as_long_as_for_an_answer(venue: Venue) -> None:
    """Except the maintenance, whose jobs skip what is locked, and what a pooler calls as it connects."""
    waiting = """
        SELECT p.proname FROM pg_proc AS p, aclexplode(p.proacl) AS a
        WHERE a.grantee = 'till_app'::regrole AND p.prosecdef AND p.provolatile = 'v'
            AND NOT coalesce('lock_timeout=3s' = ANY (p.proconfig), false)"""
    assert sorted(venue.rows(waiting)) == [("maintenance_v1",), ("plan_pushes_v1",)]


def test_security_definer_functions_pin_their_search_path(venue: Venue) -> None:
    loose = venue.rows(
        """SELECT p.oid::regprocedure::text FROM pg_proc p
        WHERE p.pronamespace = ANY ('{till,hot,warm,cold,session,simulator}'::regnamespace[]) AND p.prosecdef
            AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false)"""
    )
    assert loose == []


def test_every_call_of_the_program_is_granted_to_somebody(venue: Venue) -> None:
    granted = {
        row[0].split("(")[0] for role in ("till_app", "till_admin", "till_gateway") for row in venue.rows(GRANTED, role)
    }
    sources = (file.read_text(encoding="utf-8") for file in (Path(__file__).parents[2] / "till").rglob("*.py"))
    named = {name for source in sources for name in re.findall(r'"(?:SELECT \w+\.)?(\w+_v1)\b', source)}
    assert {"sync_push_v1", "audit_part_v1"} <= named
    assert named <= granted
    assert len(named) > 20


def test_reports_read_their_views_and_no_pin(venue: Venue) -> None:
    venue.owner.execute("SET ROLE till_report")
    try:
        views = {section.view for report in REPORTS for section in report.sections}
        for view in (*views, "payment_order", "payment_transaction", "payment_audit_log"):
            assert venue.rows(f"TABLE cold.{view}") == []
        with pytest.raises(errors.InsufficientPrivilege):
            venue.rows("SELECT pin_hash FROM till.users")
    finally:
        venue.owner.execute("RESET ROLE")
