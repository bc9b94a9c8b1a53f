-- Grants: the server decides which till holds an order (ADR 0010).

-- True if a journal holds an order: the grant names it, or it opened the order.
create or replace function warm.is_held_by(s till.order_sessions, p_auth warm.auth_context) returns boolean
language plpgsql stable as $$
begin
    return s.hold_till = p_auth.till_id and coalesce(
        s.hold_journal = p_auth.journal_id,
        exists (select from warm.session_events as e where e.event_id = s.hold_id and e.journal_id = p_auth.journal_id)
            or exists (
                select from warm.event_links as l where l.event_id = s.hold_id and l.journal_id = p_auth.journal_id));
end $$;

-- Counts a takeover: of an order that another till opened and has open. True if the till took over too many within an
-- hour: a manager is told, and the till may go on once a manager has settled that record.
create or replace function warm.takes_too_many(p_auth warm.auth_context, s till.order_sessions) returns boolean
language plpgsql as $$
declare
    count_here integer;
    since timestamptz;
begin
    if exists (
        select from warm.log_of(s.id) as l where l.event_type = 'order_opened' and l.till_id = p_auth.till_id)
    then
        return false;  -- its own order comes back
    end if;
    select t.takeovers, t.takeovers_since into count_here, since
    from till.tills as t where t.store_id = p_auth.store_id and t.id = p_auth.till_id for no key update;
    if since is null or since < now() - interval '1 hour' then
        count_here := 0;
        since := now();
    elsif count_here >= warm.most_takeovers() then
        if exists (
            select from warm.quarantine as q
            where q.store_id = p_auth.store_id and q.till_id = p_auth.till_id and q.sqlstate = 'TL027' and q.received_at >= since
                and q.resolved_at is not null)
        then
            count_here := 0;
            since := now();
        else
            if not exists (
                select from warm.quarantine as q
                where q.store_id = p_auth.store_id and q.till_id = p_auth.till_id and q.sqlstate = 'TL027' and q.resolved_at is null)
            then
                insert into warm.quarantine (store_id, journal_id, till_id, reason, sqlstate)
                values (p_auth.store_id, p_auth.journal_id, p_auth.till_id, format(
                    'The till took over %s orders that other tills had open, within an hour until %s. It takes over more once this is settled.',
                    count_here, to_char(now() at time zone 'UTC', 'HH24:MI "UTC on" YYYY-MM-DD')), 'TL027');
                perform till.tell_tills(p_auth.store_id, 'sessions');
            end if;
            return true;
        end if;
    end if;
    update till.tills as t set takeovers = count_here + 1, takeovers_since = since
    where t.store_id = p_auth.store_id and t.id = p_auth.till_id;
    return false;
end $$;

-- Grants an order to the till that asks, and returns the first page of its events (as `till.session_events_v1`), with
-- `granted` (the hold that this journal has now, or null), `open_at` and `server_time`, from which the till continues:
-- see “Holds”.
-- Takes `session`, `user`, `journal`; `warned`, `cleared` (true or left out).
-- Gives {"session", "events", "more", "granted", "open_at", "server_time"}.
create or replace function till.grant_order_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    s till.order_sessions;
    granted uuid;
    open_at integer;
    part record;
begin
    if p_auth.retired or p_auth.journal_id is null then
        return warm.refusal('journal_retired', warm.explain('journal_retired'), p_auth.seq, p_auth.hash);
    end if;
    s := warm.lock_session(warm.session_of(p_request->>'session'));
    if s.store_id is distinct from p_auth.store_id then
        return '{"ok": true, "session": null, "events": []}';
    elsif not exists (select from warm.log_of(s.id) as l where l.event_type = 'order_opened') then
        return warm.refusal('not_opened', warm.explain('not_opened'), p_auth.seq, p_auth.hash);
    elsif till.status_of(s) in ('active', 'pending_logout', 'assigned_to_tab')
        or s.status = 'discarded' and p_request->>'cleared' = 'true'
    then
        if warm.is_held_by(s, p_auth) then
            granted := s.hold_id;
        elsif s.till_id <> p_auth.till_id and p_request->>'warned' is distinct from 'true' then
            open_at := s.till_id;
        elsif coalesce(s.till_id <> p_auth.till_id, false) and warm.takes_too_many(p_auth, s) then
            return warm.refusal('too_many', warm.explain('too_many'), p_auth.seq, p_auth.hash);
        else
            granted := warm.server_event_v1(
                s.store_id, (p_request->>'user')::integer, 'order_granted', s.id, jsonb_build_object(
                    'till', p_auth.till_id, 'journal', p_auth.journal_id, 'user', (p_request->>'user')::integer,
                    'from_hold', s.hold_id, 'from_till', s.hold_till));
            select * into s from till.order_sessions where id = s.id;
        end if;
    end if;
    part := warm.next_events(s.id, 0, s.version, null, warm.most_sent_events(), warm.most_sent_bytes());
    return json_build_object(
        'ok', true, 'granted', granted, 'open_at', open_at, 'server_time', warm.time_text(now()),
        'session', till.session_row(s), 'events', to_json(part.events), 'more', part.upto is not null);
end $$;
