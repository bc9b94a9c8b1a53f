"""Keys contain the venue, so that a table could be divided by it (docs/past-one-server.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.plugins.database import Database

#: Tables from before this rule, one of whose keys is an id alone. A new table does not come here.
_WITHOUT_STORE: Final = """
    cold.content_moves_archive cold.contested_sales cold.customer_preferences cold.customer_sessions cold.customer_table
    cold.feedback cold.order_audit cold.order_audit_links cold.order_audit_texts cold.order_contents_archive
    cold.order_item cold.order_line cold.order_payment cold.order_sessions_archive cold.order_source_type
    cold.order_status_history cold.order_type_table cold.orders cold.payment_method_table cold.refund_item cold.refunds
    cold.session_checkout_archive cold.session_payment_intent_archive cold.table_booking_info cold.tender_correction
    cold.tip_correction cold.void_receipts
    hot.session_cart hot.session_preferences hot.session_state hot.session_told
    session.active_sessions session.session_metadata
    simulator.instances simulator.scores
    till.accounts till.act_tokens till.conflicts till.enrolments till.notices till.order_sessions till.program_sessions
    till.programs till.refund_claims till.shift_facts till.shifts till.tabs till.value_movements till.voucher_asks
    till.vouchers
    warm.chain_gaps warm.content_moves warm.erased warm.event_links warm.event_texts warm.journal_head
    warm.order_contents warm.quarantine warm.sale_claims warm.session_checkout warm.session_events
    warm.session_payment_intent
"""


#: The tables with a key that lacks `store_id`; the last three are of the database itself.
_LACKING: Final = """
    SELECT DISTINCT c.oid::regclass::text FROM pg_class AS c
    LEFT JOIN pg_index AS i ON i.indrelid = c.oid AND i.indisunique
    WHERE c.relnamespace = ANY ('{till,warm,hot,cold,session,simulator}'::regnamespace[])
        AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND c.relname NOT IN ('alembic_version', 'schema_info', 'event_types')
        AND NOT EXISTS (
            SELECT FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attname = 'store_id' AND a.attnum = ANY (i.indkey::smallint[]))
"""


def test_keys_of_new_tables_contain_the_store(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("SET search_path = ''")
        without = {name for (name,) in connection.execute(_LACKING)}
    assert sorted(without - set(_WITHOUT_STORE.split())) == [], "their keys need store_id"
    assert sorted(set(_WITHOUT_STORE.split()) - without) == [], "their keys have store_id now: no longer an exception"
