"""The oldest PostgreSQL that is promised: the same proofs on a system's own 15 (or 16, or 17)."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
import pytest

from db import migrate
from db.address import Address
from db.engine import connect
from tests.plugins.database import Shelf, let_owner_unwatch
from tests.plugins.folders import run_dir
from tests.plugins.front_ends import FrontEnd, front_end
from tests.sql import (
    test_archive,
    test_chain,
    test_conflicts,
    test_documents,
    test_fiscal_sender,
    test_hot,
    test_operations,
    test_passwords,
    test_programs,
    test_push,
    test_quarantine,
    test_settling,
    test_shapes,
    test_stamps,
    test_status,
    test_upkeep,
    test_verify,
)
from tests.sql.ringing import IDLY, Venue, make_venue, the_venue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.plugins.database import Database

PROOFS: list[Callable[[Venue], None]] = [
    lambda venue: test_shapes.test_the_database_takes_exactly_the_rows_of_the_table(venue.owner),
    lambda venue: test_shapes.test_a_push_finds_the_same_and_one_bad_record_costs_no_other(venue.owner),
    lambda venue: test_shapes.test_the_shape_of_data_alone_is_judged_alike(venue.owner),
    test_passwords.test_a_conflict_is_settled_in_the_name_of_who_owns_the_token,
    test_passwords.test_the_fifth_wrong_one_locks_that_number_on_that_till,
    test_push.test_a_placed_order_becomes_cold_rows_with_its_sums,
    test_chain.test_a_push_may_be_repeated,
    test_chain.test_the_same_event_in_a_new_chain_keeps_only_its_link,
    test_chain.test_a_nul_in_a_body_does_not_fail_the_batch,
    test_status.test_an_order_that_was_suspended_is_granted_to_another_till,
    test_status.test_late_events_of_the_till_that_lost_an_order_mark_it_until_it_is_folded,
    test_status.test_a_tab_is_opened_recalled_and_paid,
    test_status.test_a_whole_shift_in_one_push,
    test_quarantine.test_a_line_that_two_orders_sold_is_sold_twice_whichever_till_took_the_money,
    test_quarantine.test_events_that_do_not_apply_leave_the_money_alone,
    test_chain.test_a_pruned_event_keeps_its_place_as_a_gap,
    test_conflicts.test_a_second_payment_for_the_same_lines_is_a_conflict_of_the_server,
    test_conflicts.test_administration_settles_in_the_servers_chain_and_once,
    test_upkeep.test_an_order_that_nobody_looks_after_is_suspended_and_its_holder_stays_named,
    test_upkeep.test_hot_rows_go_when_they_were_left_for_long_and_come_back_with_the_next_key,
    test_upkeep.test_old_events_move_whole_with_their_texts,
    test_upkeep.test_a_moved_event_is_recognised_when_it_comes_again,
    lambda venue: test_archive.test_an_order_that_ended_long_ago_goes_there_whole(venue, test_archive.paid),
    test_archive.test_late_lines_find_a_paid_order_paid,
    test_archive.test_order_session_cannot_be_deleted,
    lambda venue: test_upkeep.test_the_audit_never_changes(venue, "its newest partition"),
    lambda venue: test_stamps.test_stamps_go_to_the_sender_in_the_order_of_their_chain(
        venue, test_stamps.by_law(venue)
    ),
    lambda venue: test_stamps.test_a_stamp_of_another_form_is_quarantined_and_its_sale_stands(
        venue, test_stamps.by_law(venue), {"names": "Rao"}, "names a buyer"
    ),
    test_verify.test_seals_hold_after_a_partial_move,
    test_verify.test_seals_hold_when_another_chain_repeats_an_event,
    lambda venue: test_settling.test_a_record_that_can_be_applied_now_is_and_the_till_hears_that_none_waits(
        venue, moved=True
    ),
    *(
        lambda venue, proof=proof: proof(venue, test_stamps.by_law(venue), test_fiscal_sender.sender_of(venue))
        for proof in (
            # on 15 a deferred trigger runs as the role of the commit
            test_fiscal_sender.test_list_of_the_unstamped_follows_stamps_sales_and_the_law,
            test_fiscal_sender.test_upkeep_compares_the_lists_of_the_sender_once_a_day,
            test_fiscal_sender.test_an_answer_without_a_request_is_told_and_can_be_taken_back,
            test_fiscal_sender.test_a_duplicate_is_believed_of_a_record_that_may_have_been_taken,
        )
    ),
    test_hot.test_hot_rows_emptied_by_a_crash_are_rebuilt_by_the_next_push,
    test_documents.test_the_queries_of_the_documents_run_as_written,
    test_documents.test_the_documents_conversation_of_a_chat_front_end,
    lambda venue: test_operations.test_create_change_and_complete(venue, test_operations.Program(venue, 1)),
    lambda venue: test_operations.test_the_servers_chain_is_one_that_python_can_read(
        venue, test_operations.Program(venue, 1)
    ),
]


def _programs() -> Path | None:
    found = [
        p for major in (15, 16, 17) for p in Path("/usr/lib/postgresql").glob(f"{major}/bin") if (p / "initdb").exists()
    ]
    return found[0] if found else None


@pytest.fixture(scope="module")
def system_postgres(pytestconfig: pytest.Config) -> Iterator[str]:
    """A cluster of the system's own PostgreSQL, as an unprivileged user; the URL of its folder."""
    programs = _programs()
    if programs is None:
        pytest.skip("No PostgreSQL 15, 16 or 17 is installed on this machine; the embedded one is 18.")
    as_user: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=run_dir(pytestconfig)) as folder:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

        def run(name: str, *words: str) -> None:
            subprocess.run([programs / name, *words], check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_user)

        run("initdb", "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        # compiling a query takes a second, and each session compiles its own
        fast = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c jit=off"
        options = f"-k {folder} -c listen_addresses= {fast}"
        run("pg_ctl", "-w", "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://{{}}@/{{}}?host={quote(folder, safe='')}"
        finally:
            run("pg_ctl", "-w", "-D", f"{folder}/data", "-m", "immediate", "stop")


@dataclass(frozen=True, slots=True)
class OldServer:
    """A cluster of PostgreSQL 15 that trusts every login."""

    url: str

    def owner(self, dbname: str) -> Address:
        return Address.from_url(self.url.format("till_owner", dbname))

    def app(self, dbname: str) -> Address:
        return Address.from_url(self.url.format("till_app", dbname)).with_search_path()


@pytest.fixture(scope="module")
def old_shelf(system_postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Makes databases there."""
    with psycopg.connect(system_postgres.format("postgres", "postgres"), autocommit=True) as session:
        shelf = Shelf(OldServer(system_postgres), session, tmp_path_factory.mktemp("old"))
        yield shelf
        shelf.close()


@pytest.fixture(scope="module")
def old_template(old_shelf: Shelf, system_postgres: str) -> str:
    """The name of a database there that contains a venue."""

    def fill(database: Database) -> None:
        migrate.upgrade(system_postgres.format("postgres", database.owner.dbname))
        with connect(database.owner) as owner, connect(database.app) as app:
            make_venue(owner, app)
        let_owner_unwatch(replace(database.owner, user="postgres"))

    return old_shelf.template("old_venue", fill)


@pytest.fixture
def old_venue(old_shelf: Shelf, old_template: str) -> Iterator[Venue]:
    with (
        old_shelf.lent(old_template) as (kept, database),
        kept.session(database.owner) as owner,
        kept.session(database.app) as app,
    ):
        yield the_venue(owner, app)


@pytest.mark.parametrize("proof", PROOFS)
def test_the_same_on_the_oldest(old_venue: Venue, proof: Callable[[Venue], None]) -> None:
    assert old_venue.owner.info.server_version < 180000
    proof(old_venue)


@pytest.mark.parametrize(
    "proof",
    [
        test_programs.test_each_statement_of_the_documents_is_an_event_of_the_servers_chain,
        test_programs.test_hot_rows_emptied_by_a_crash_are_rebuilt_as_they_were,
        test_programs.test_a_till_that_takes_the_order_sees_its_lines,
    ],
)
def test_a_program_keeps_its_orders_there_too(
    old_venue: Venue, system_postgres: str, proof: Callable[[Venue, FrontEnd], None]
) -> None:
    dbname = old_venue.owner.info.dbname
    app = Address.from_url(system_postgres.format("till_app", dbname))
    with (
        psycopg.connect(system_postgres.format("postgres", dbname), autocommit=True) as maker,
        front_end(old_venue.owner, app, old_venue.store, maker=maker) as program,
    ):
        proof(old_venue, program)


def test_a_completed_order_never_changes_on_version_15_either(old_venue: Venue) -> None:
    till = old_venue.till()
    cart = till.keyed(IDLY)
    till.place(cart)
    till.push()
    with pytest.raises(psycopg.Error, match="A correction is a new document"):
        old_venue.owner.execute("INSERT INTO cold.order_line SELECT gen_random_uuid(), order_id, store_id FROM orders")
