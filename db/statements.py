"""The calls that programs make into the database, by name.

The functions stand in `db/sql`; docs/protocol.md says what the JSON of the first five holds.
"""

from typing import Final

#: A till: all it knows for all it does not. Takes and gives JSON text.
SYNC_PUSH: Final = "SELECT warm.sync_push_v1(%s::text)"
#: A till: opens a conversation.
HELLO: Final = "SELECT till.hello_v1(%s::text)"
#: A till: the orders that a user can go on with.
USER_SESSIONS: Final = "SELECT till.user_sessions_v1(%s::text)"
#: A till: the open tabs.
OPEN_TABS: Final = "SELECT till.open_tabs_v1(%s::text)"
#: A till: one order with its events.
SESSION_EVENTS: Final = "SELECT till.session_events_v1(%s::text)"
#: What the tills listen to; a notice is a store's id and the name of what changed.
CHANNEL: Final = "till_store"

#: store, settings (jsonb): a new store, its roles and the server's own journal.
STORE_CREATE: Final = "SELECT till.store_create_v1(%s::uuid, %s::jsonb)"
#: store, actor, changes (jsonb; {} only reads): the settings.
STORE_SETTINGS: Final = "SELECT till.store_settings_v1(%s::uuid, %s::integer, %s::jsonb)"
#: The stores of this database.
STORES: Final = "SELECT till.stores_v1()"

#: store, actor, till, name, SHA-256 of the secret.
TILL_ENROL: Final = "SELECT till.till_enrol_v1(%s::uuid, %s::integer, %s::integer, %s, %s)"
#: store, actor, till, journal (None: the next that comes).
TILL_ADOPT: Final = "SELECT till.till_adopt_v1(%s::uuid, %s::integer, %s::integer, %s::uuid)"
#: store, actor, till.
TILL_REVOKE: Final = "SELECT till.till_revoke_v1(%s::uuid, %s::integer, %s::integer)"
#: store.
TILL_LIST: Final = "SELECT till.till_list_v1(%s::uuid)"

#: store, actor, number, name, role, argon2id hash of the PIN.
USER_ADD: Final = "SELECT till.user_add_v1(%s::uuid, %s::integer, %s::integer, %s, %s, %s)"
#: store, actor, number, disabled.
USER_DISABLE: Final = "SELECT till.user_disable_v1(%s::uuid, %s::integer, %s::integer, %s::boolean)"
#: store, actor, number, argon2id hash.
USER_SET_PIN: Final = "SELECT till.user_set_pin_v1(%s::uuid, %s::integer, %s::integer, %s)"
#: store, actor, number.
USER_UNLOCK: Final = "SELECT till.user_unlock_v1(%s::uuid, %s::integer, %s::integer)"
#: store.
USER_LIST: Final = "SELECT till.user_list_v1(%s::uuid)"
#: store, number: what a PIN is checked against, or null.
USER_FOR_LOGIN: Final = "SELECT till.user_for_login_v1(%s::uuid, %s::integer)"

#: store, actor, menu (jsonb): replaces the menu, gives its version.
MENU_IMPORT: Final = "SELECT till.menu_import_v1(%s::uuid, %s::integer, %s::jsonb)"
#: store.
MENU_EXPORT: Final = "SELECT till.menu_export_v1(%s::uuid)"
#: store, actor, item, sold out.
MENU_SOLD_OUT: Final = "SELECT till.menu_sold_out_v1(%s::uuid, %s::integer, %s, %s::boolean)"

#: store, statuses, user, till, stale minutes, limit, cursor, minutes after which an order counts as stale.
SESSION_LIST: Final = (
    "SELECT till.session_list_v1(%s::uuid, %s::text[], %s::integer, %s::integer, %s::integer, %s::integer, "
    "%s::text, %s::integer)"
)
#: store, session: one order with its events, or null.
SESSION_SHOW: Final = "SELECT till.session_show_v1(%s::uuid, %s)"
#: store, actor (None: the owner of the database), session, reason.
SESSION_CLOSE: Final = "SELECT till.session_close_v1(%s::uuid, %s::integer, %s, %s)"
