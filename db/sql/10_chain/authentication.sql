-- Authentication: the till, its right to connect, and its journal (docs/protocol.md).

-- A refusal as sent to a till; without a head if the till's chain was not read.
create or replace function warm.refusal(p_code text, p_detail text, p_seq bigint, p_hash text) returns text
language plpgsql immutable as $$
begin
    return json_build_object(
        'ok', false, 'code', p_code, 'detail', p_detail,
        'head', case when p_hash is not null then json_build_object('seq', p_seq, 'hash', p_hash) end
    )::text;
end $$;

-- The epoch in a reply. It differs whenever the database may have lost something. A crash or a physical backup loses
-- the row of hot.hot_epoch. A restored dump has a row of another transaction. A folder that was copied while the server
-- was stopped differs only by the server's start time.
create or replace function warm.epoch_token(p_epoch bigint, p_written xid) returns bigint
language sql stable as $$
    select hashtextextended(
        p_epoch || ' ' || p_written::text || ' ' || extract(epoch from pg_postmaster_start_time()), 0
    ) & 9223372036854775807
$$;

-- True if a person acts for a till: `till recover` sends the records of a journal whose machine was revoked, or whose
-- disk is in another machine. The person is the database's owner, with an empty secret (no till has one), or a manager,
-- with the token of a password login at a till of the venue. A helper cannot make a journal the live one; only the till
-- itself can.
create or replace function warm.is_helper(p_request jsonb) returns boolean
language plpgsql stable as $$
begin
    return case
        when p_request->>'secret' = '' then pg_has_role(session_user, current_user, 'MEMBER')
        else exists (
            select from till.act_tokens as a
            join till.users as u on u.store_id = a.store_id and u.id = a.user_id
            join till.tills as t on t.store_id = a.store_id and t.id = a.till_id
            where a.token_hash = warm.digest(p_request->>'secret') and a.store_id = (p_request->>'store')::uuid
                and a.expires_at > now() and u.role in ('manager', 'admin') and u.disabled_at is null
                and t.revoked_at is null)
    end;
end $$;

-- Authenticates a till, or refuses it: checks its secret, then its journal. `p_lock` also locks the head of the chain,
-- so that the pushes of one journal run one after the other.
create or replace function warm.authenticate(p_request jsonb, p_lock boolean) returns warm.auth_context
language plpgsql as $$
declare
    auth warm.auth_context;
begin
    if p_lock then
        select t.store_id, t.id, h.journal_id, h.seq, h.hash, h.series, h.retired_at is not null,
            warm.epoch_token(e.epoch, e.xmin),
            t.seen_at is null or t.seen_at < now() - interval '2 seconds',
            (select r.newest from cold.audit_reach as r where r.store_id = t.store_id),
            (select count(*) from (
                select from till.conflicts as c
                where c.store_id = t.store_id and c.resolved_at is null limit warm.most_open()) as c),
            (select count(*) from (
                select from warm.quarantine as q
                where q.store_id = t.store_id and q.resolved_at is null limit warm.most_open()) as q),
            h.hour, h.hour_events, h.hour_bytes, t.stations, t.money_changes, h.money_heard
        into auth.store_id, auth.till_id, auth.journal_id, auth.seq, auth.hash, auth.series, auth.retired, auth.epoch,
            auth.stale_seen, auth.reach, auth.conflicts, auth.records, auth.hour, auth.hour_events, auth.hour_bytes, auth.stations, auth.money_changes, auth.money_heard
        from till.tills as t
        join warm.journal_head as h on h.store_id = t.store_id and h.till_id = t.id
        left join hot.hot_epoch as e on e.store_id = t.store_id
        where h.journal_id = (p_request->>'journal')::uuid
            and t.store_id = (p_request->>'store')::uuid and t.id = (p_request->>'till')::integer
            and case when (
                t.secret_hash = encode(sha256(convert_to(p_request->>'secret', 'UTF8')), 'hex')
                or warm.is_helper(p_request)
            )
            and t.revoked_at is null and (select count(*) from warm.hold_ups_of(t.store_id, t.id)) < warm.most_hold_ups()
            then warm.mark_transaction(t.store_id, t.id) else false end  -- before the first lock
        for no key update of h;
        if found then
            return auth;
        end if;
    end if;
    return warm.authenticate_in_steps(p_request);
end $$;

-- Authenticates a till step by step: for reads, for a new journal, and to find the reason for a refusal.
create or replace function warm.authenticate_in_steps(p_request jsonb) returns warm.auth_context
language plpgsql as $$
declare
    auth warm.auth_context;
    t record;
    h warm.journal_head;
begin
    auth.store_id := (p_request->>'store')::uuid;
    auth.till_id := (p_request->>'till')::integer;
    auth.journal_id := (p_request->>'journal')::uuid;
    select x.secret_hash, x.revoked_at, x.live_journal, x.stations, x.money_changes, warm.epoch_token(e.epoch, e.xmin) as epoch,
        x.seen_at is null or x.seen_at < now() - interval '2 seconds' as stale_seen,
        (select r.newest from cold.audit_reach as r where r.store_id = x.store_id) as reach
    into t
    from till.tills as x left join hot.hot_epoch as e on e.store_id = x.store_id
    where x.store_id = auth.store_id and x.id = auth.till_id;
    if not found then
        auth.refusal := case
            when exists (select from till.stores where store_id = auth.store_id) then 'wrong_secret'
            else 'wrong_store'
        end;
    elsif t.secret_hash is distinct from warm.digest(coalesce(p_request->>'secret', ''))
        and warm.is_helper(p_request) is not true
    then
        auth.refusal := 'wrong_secret';
    elsif t.revoked_at is not null then
        auth.refusal := 'till_revoked';
    elsif (select count(*) from warm.hold_ups_of(auth.store_id, auth.till_id)) >= warm.most_hold_ups() then
        auth.refusal := 'holds_up';
    else
        perform warm.mark_transaction(auth.store_id, auth.till_id);
    end if;
    auth.stations := t.stations;
    auth.money_changes := t.money_changes;
    if auth.refusal is not null or auth.journal_id is null then
        auth.detail := warm.explain(auth.refusal);
        return auth;
    end if;
    auth.epoch := t.epoch;
    auth.stale_seen := t.stale_seen;
    auth.reach := t.reach;
    auth := warm.count_waiting(auth);
    select * into h from warm.journal_head where journal_id = auth.journal_id;
    if h.journal_id is null and t.live_journal is null and warm.is_helper(p_request) is not true then
        h := warm.begin_journal(auth);
    end if;
    if h.journal_id is null then
        auth.refusal := 'journal_not_live';
        update till.tills as x set other_asked_at = now()
        where x.store_id = auth.store_id and x.id = auth.till_id
            and (x.other_asked_at is null or x.other_asked_at < now() - interval '1 minute');
    elsif (h.store_id, h.till_id) is distinct from (auth.store_id, auth.till_id) then
        auth.refusal := 'protocol';
    else
        auth.seq := h.seq;
        auth.hash := h.hash;
        auth.series := h.series;
        auth.retired := h.retired_at is not null;
        auth.hour := h.hour;
        auth.hour_events := h.hour_events;
        auth.hour_bytes := h.hour_bytes;
        auth.money_heard := h.money_heard;
    end if;
    auth.detail := warm.explain(auth.refusal);
    return auth;
end $$;

-- The sentence of a refusal, with the remedy.
create or replace function warm.explain(p_refusal text) returns text
language plpgsql immutable as $$
begin
    return case p_refusal
        when 'wrong_store' then 'The database holds another venue. Check the database URL and the data folder.'
        when 'wrong_secret' then 'This till is not enrolled here, or with another secret. A manager enrols it: till admin tills add.'
        when 'till_revoked' then 'This till was revoked. A manager enrols it again: till admin tills add.'
        when 'journal_not_live'
            then 'This till sells with another journal. If this machine takes its place, a manager runs: till admin tills adopt.'
        when 'journal_retired' then 'Another journal has taken the place of this one. Its remaining records are kept.'
        when 'too_many' then 'Too many takeovers in an hour: a manager settles it (Ctrl+O).'
        when 'kitchen' then 'This is a screen of the kitchen: it takes no money and holds no order.'
        when 'holds_up' then 'It held up other tills. A manager settles it (Ctrl+O).'
        when 'not_opened' then 'A restore lost its start. Turn on its first till, or key it again.'
        when 'protocol' then 'The journal belongs to another till.'
    end;
end $$;

-- Begins the chain of a till's journal. The first journal of a till has no series, the second has B, the third C. Whether it
-- takes money: the first one as the server says, a later one as the ones before it heard, whose sales it may send again.
create or replace function warm.begin_journal(p_auth warm.auth_context) returns warm.journal_head
language plpgsql as $$
declare
    head warm.journal_head;
    nth integer;
begin
    update till.tills set live_journal = p_auth.journal_id, journals = journals + 1, other_asked_at = null
    where store_id = p_auth.store_id and id = p_auth.till_id and live_journal is null
    returning journals into nth;
    if found then
        insert into warm.journal_head (journal_id, store_id, till_id, series, money_heard)
        select p_auth.journal_id, p_auth.store_id, p_auth.till_id, warm.series_of(nth), least(t.money_changes, (
                select max(h.money_heard) from warm.journal_head as h where h.store_id = t.store_id and h.till_id = t.id))
        from till.tills as t where t.store_id = p_auth.store_id and t.id = p_auth.till_id
        returning * into head;
    end if;
    return head;
end $$;

-- Adopts a journal that was never registered for its till: of a cloned disk, or of a till number that was used twice.
create or replace function warm.register_backlog(p_store uuid, p_till integer, p_journal uuid) returns void
language plpgsql as $$
declare
    nth integer;
begin
    if p_journal is null then
        raise exception 'Name the journal.' using errcode = 'TL006';
    elsif exists (select from warm.journal_head where journal_id = p_journal) then
        raise exception 'The journal is already known: its records are accepted when they arrive.' using errcode = 'TL005';
    end if;
    update till.tills set journals = journals + 1 where store_id = p_store and id = p_till returning journals into nth;
    if not found then
        raise exception 'There is no till %.', p_till using errcode = 'TL004';
    end if;
    insert into warm.journal_head (journal_id, store_id, till_id, series, retired_at)
    values (p_journal, p_store, p_till, warm.series_of(nth), now());
end $$;

-- The series of the nth journal of a till: none, B … Z, BA, BB …
create or replace function warm.series_of(p_nth integer) returns text
language plpgsql immutable as $$
declare
    letters text := '';
    n integer := p_nth - 1;
begin
    while n > 0 loop
        letters := chr(65 + n % 26) || letters;
        n := n / 26;
    end loop;
    return letters;
end $$;
