-- Tills that take no money (`till.tills` and `till.enrolments` in `db/tables/till.py`, `warm.journal_head` in `db/tables/warm.py`).

alter table till.tills add column money_changes integer default 0 not null;
alter table till.tills add column money_changed_at timestamp with time zone;
alter table till.enrolments add column no_money boolean default false not null;
alter table warm.journal_head add column money_heard integer default 0 not null;
alter type warm.auth_context add attribute money_changes integer;
alter type warm.auth_context add attribute money_heard integer;
