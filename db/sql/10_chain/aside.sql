-- Records that wait for a manager: in the log but not applied to their order, or refused by the log.

-- True if an error is temporary (another transaction, a full disk, a shutdown) or caused by the installation (class 42:
-- a missing function), and not by the record.
create or replace function warm.is_temporary(p_state text) returns boolean
language plpgsql immutable as $$
begin
    return left(p_state, 2) in ('08', '25', '40', '42', '53', '55', '57', '58', 'XX');
end $$;

-- The money in a record: the payments of an order, or the amount of a payment; null if none can be read.
create or replace function warm.money_of(p_type text, p_data jsonb) returns numeric
language plpgsql immutable as $$
declare
    number constant text := '^-?[0-9]{1,15}(\.[0-9]{1,6})?$';
    amount text := p_data->>(
        case when p_type ~ '^(payment|refund|tender|cash)_' then 'amount' when p_type = 'tip_corrected' then 'returned' else 'total' end);
    paid numeric;
begin
    if p_type = 'order_placed' and jsonb_typeof(p_data->'payments') = 'array' then
        select sum((p->>'amount')::numeric) into paid
        from jsonb_array_elements(p_data->'payments') as p where p->>'amount' ~ number;
    end if;
    return coalesce(paid, case when amount ~ number then amount::numeric end);
end $$;

-- Quarantines a record that is in the log and cannot be applied.
create or replace function warm.quarantine_event(
    p_auth warm.auth_context, p_session text, p_event warm.incoming_event, p_reason text, p_state text
) returns void
language plpgsql as $$
begin
    insert into warm.quarantine as q (
        store_id, session_id, event_id, journal_id, till_id, event_type, reason, sqlstate, amount, body
    )
    values (
        p_auth.store_id, p_session, (p_event).event_id, p_auth.journal_id, coalesce(p_auth.till_id, 0), (p_event).event_type,
        p_reason, p_state, warm.money_of((p_event).event_type, (p_event).data), (p_event).body
    )
    on conflict (session_id, event_id, journal_id, seq, reason) do update
    set received_at = now(), resolved_at = null;
end $$;

-- Quarantines records that the log refuses, each with its place in the chain, its body and its texts (unless these were
-- erased). `p_reason` applies to all; without it each record has its own fault.
create or replace function warm.quarantine_refused(
    p_auth warm.auth_context, p_events warm.incoming_event[], p_reason text default null, p_state text default null
) returns void
language plpgsql as $$
declare
    sessions text[];
begin
    insert into warm.quarantine (
        store_id, session_id, event_id, journal_id, seq, hash, till_id, event_type, reason, sqlstate, amount, body, texts
    )
    select p_auth.store_id, e.session_id, e.event_id, p_auth.journal_id, e.seq, e.hash, p_auth.till_id, e.event_type,
        coalesce(p_reason, e.fault), coalesce(p_state, e.state), warm.money_of(e.event_type, e.data), e.body,
        case when not exists (select from warm.erased as x where x.event_id = e.event_id) then e.texts end
    from unnest(p_events) as e order by e.seq;
    sessions := array(select distinct e.session_id collate "C" from unnest(p_events) as e where e.session_id is not null order by 1);
    perform warm.restore_session(s) from unnest(sessions) as s;
    perform from till.order_sessions as s
    where s.id = any (sessions) and s.store_id = p_auth.store_id and not s.quarantined order by s.id collate "C" for no key update;
    update till.order_sessions as s set quarantined = true
    where s.id = any (sessions) and s.store_id = p_auth.store_id and not s.quarantined;
end $$;

-- True if a person may approve acts that need a right: a manager of the venue.
create or replace function warm.may_approve(p_store uuid, p_user integer) returns boolean
language sql stable as $$
    select exists (
        select from till.users as u
        where u.store_id = p_store and u.id = p_user and u.role in ('manager', 'admin') and u.disabled_at is null)
$$;

-- Flags an accepted record for a manager, once for a journal and a reason until it is settled. True if it was flagged
-- now.
create or replace function warm.flag_record(p_auth warm.auth_context, e warm.incoming_event, p_reason text, p_state text) returns boolean
language plpgsql as $$
begin
    if exists (
        select from warm.quarantine as q
        where q.journal_id = p_auth.journal_id and q.sqlstate = p_state and q.seq is null and q.reason = p_reason
            and q.resolved_at is null)
    then
        return false;
    end if;
    perform warm.quarantine_event(p_auth, null, e, p_reason, p_state);
    return true;
end $$;

-- Flags an approval by somebody who is not a manager of this venue. The till checks the PIN, so the server cannot prove
-- the approval; the act happened, and is accepted. True if it was flagged now.
create or replace function warm.flag_approval(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    approver constant integer := (e.data->>'approved_by')::integer;
begin
    return p_auth.till_id > 0 and not warm.may_approve(p_auth.store_id, approver) and warm.flag_record(
        p_auth, e, format('The till names number %s as approver, who is not a manager here. It was accepted.', approver), 'TL015');
end $$;

-- The sentence on records that a till lost from the end of a chain, or from a damaged journal, and that have not arrived
-- here: those above the head of that chain. Null if all have arrived. `p_journal` is the journal that names them: an event
-- in the lost chain itself follows the last record that arrived, so that all are lost.
create or replace function warm.lost_in_words(p_store uuid, p_journal uuid, p_data jsonb) returns text
language plpgsql stable as $$
declare
    lost_journal constant uuid := (p_data->>'journal_id')::uuid;
    arrived bigint := 0;
    lost bigint;
    last bigint;
begin
    if lost_journal <> p_journal then
        select h.seq into arrived from warm.journal_head as h where h.journal_id = lost_journal and h.store_id = p_store;
    end if;
    select sum(greatest(0, r.last - greatest(r.first - 1, coalesce(arrived, 0)))), max(r.last) into lost, last
    from jsonb_to_recordset(coalesce(p_data->'ranges', '[]')) as r (first bigint, last bigint);
    return case when lost is distinct from 0 then case
        when lost is null then 'The end of the journal of this till was removed. Nobody knows how many records are lost. '
        else format('%s of the records up to number %s of the journal of this till are lost. ', lost, last) end
        || 'A sale or a payment may be among them: compare the last receipts, and count the drawer.' end;
end $$;

-- Flags records that a till lost, unless they have arrived. True if they were flagged now.
create or replace function warm.on_records_lost(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
declare
    words constant text := warm.lost_in_words(p_auth.store_id, p_auth.journal_id, e.data);
begin
    return words is not null and warm.flag_record(p_auth, e, words, 'TL019');
end $$;
