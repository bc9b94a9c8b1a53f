-- The requests of the sender: its backlog, and the answers of the tax authority.

-- The backlog of “The sender”: the stamps to send less those that were answered, by arrival, at most 1,000 behind
-- `after`, and the settings of the law. `more` is true if more may follow. Refused with `not_sender` for any other
-- till. `work` is what the sender has to stamp in its own chain. `sale` and `refund` are those that no till stamps: of
-- a program, of a till that is gone, with a stamp that is not true, or with a number that another stamp has. `annul` is
-- for the second number of one sale. `correct` is for a record that a manager asked to mend (`till.fiscal_mend_v1`).
-- The number is that of the receipt; if another stamp has it, the sender's own number stands behind it: `1-000123/95`.
-- Takes `journal`; `work` (true, or left out); `after` (an `arrival`, or left out).
-- Gives {"now", "scheme", "settings", "sent_at", "wait_s", "work", "more", "records": [{"event", "arrival", "journal",
-- "till", "at", "scheme", "kind", "of", "number", "fields", "names", "previous", "hash"}]}.
create or replace function till.fiscal_backlog_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    refused constant text := warm.not_sender(p_auth);
    fiscal constant jsonb := till.venue(p_auth.store_id)->'fiscal';
    s till.fiscal_senders;
    records jsonb;
begin
    if refused is not null then
        return refused::json;
    end if;
    select coalesce(jsonb_agg(cold.stamp_json(w) || jsonb_build_object('arrival', w.arrival) order by w.arrival), '[]') into records
    from (
        select * from cold.fiscal_waiting(p_auth.store_id) as x
        where x.arrival > coalesce((p_request->>'after')::bigint, 0) order by x.arrival limit warm.most_backlog()) as w;
    insert into till.fiscal_senders as x (store_id, till_id, heard_at) values (p_auth.store_id, p_auth.till_id, now())
    on conflict (store_id) do update set till_id = excluded.till_id, heard_at = excluded.heard_at
    returning * into s;
    return json_build_object(
        'ok', true, 'now', warm.time_text(now()), 'scheme', coalesce(fiscal->>'scheme', ''),
        'work', case when (p_request->>'work')::boolean then (
            select coalesce(json_agg(w), '[]') from cold.fiscal_work(p_auth.store_id) as w) else '[]' end,
        'settings', coalesce(fiscal->'settings', '{}'), 'sent_at', warm.time_text(s.sent_at), 'wait_s', s.wait_s,
        'records', records, 'more', jsonb_array_length(records) = warm.most_backlog());
end $$;

-- The answers of the sender that count, of those that it tells. That the authority has a record already (`repeated`) is believed of
-- one that was in an earlier request, whose answer was lost, or is older than the last restore. Else it has another invoice of this number.
create or replace function cold.read_answers(p_store uuid, p_answers jsonb) returns table (
    stamp cold.fiscal_stamps, state text, code text, words text, is_repeated boolean)
language plpgsql stable as $$
declare
    total constant text := till.venue(p_store)->'fiscal'->'proof'->>'total';
begin
    return query
    select s, case when d.is_other then 'refused' else a->>'state' end, coalesce(a->>'code', ''),
        case when d.is_other then 'The tax authority has another invoice of this number' || coalesce(': ' || (
                select cold.stamp_json(x)->'fields'->>total from cold.fiscal_stamps as x
                where x.store_id = s.store_id and x.number = s.number and x.of_id <> s.of_id and x.requests > 0
                order by x.arrival desc limit 1), ', which is not in this database') || '.'
            else left(coalesce(a->>'words', ''), 1500) end,
        coalesce((a->>'repeated')::boolean, false)
    from jsonb_array_elements(p_answers) as a
    join cold.fiscal_stamps as s on s.event_id = (a->>'event')::uuid and s.store_id = p_store and s.state = 'to_send'
    cross join lateral (
        select coalesce((a->>'repeated')::boolean, false) and s.requests < 2 and (s.at < till.restored_at()) is not true as is_other) as d;
end $$;

-- Keeps in the audit what the sender says of a request, and tells a manager of records whose answer has no request.
create or replace function warm.note_request(
    p_auth warm.auth_context, p_begins boolean, p_numbers text[], p_refused bigint, p_unasked text[], p_receipt text
) returns void
language plpgsql as $$
begin
    if cardinality(p_numbers) > 0 then
        perform warm.admin_event(p_auth.store_id, null, 'fiscal_reported', jsonb_build_object(
            'sender', p_auth.till_id, 'begins', nullif(p_begins, false), 'records', cardinality(p_numbers), 'refused', nullif(p_refused, 0),
            'first', p_numbers[1], 'last', p_numbers[cardinality(p_numbers)], 'receipt', nullif(p_receipt, '')));
    end if;
    if cardinality(p_unasked) > 0 and not exists (
        select from warm.quarantine as q
        where q.store_id = p_auth.store_id and q.till_id = p_auth.till_id and q.sqlstate = 'TL036' and q.event_id is null and q.resolved_at is null)
    then
        insert into warm.quarantine (store_id, journal_id, till_id, reason, sqlstate)
        values (p_auth.store_id, p_auth.journal_id, p_auth.till_id, format(
            'The sender reported answers to records that were in no request, %s of them at %s, the first %s. If the database was not restored then, revoke till %s and send each again: till admin invoices send %s.',
            cardinality(p_unasked), to_char(now() at time zone 'UTC', 'HH24:MI "UTC on" YYYY-MM-DD'), p_unasked[1], p_auth.till_id,
            p_unasked[1]), 'TL036')
        on conflict do nothing;
        perform till.tell_tills(p_auth.store_id, 'sessions');
    end if;
end $$;

-- Keeps the report of “The sender”. `begins` names the records of a request that goes out, `untaken` those that the
-- authority surely did not read; both are in the audit (`fiscal_reported`). `state` is `accepted`, `with_errors` or
-- `refused`; a record that the authority had already is `repeated`, with the state that it has there. That is believed
-- of one that was in an earlier request, or is older than the last restore: else the authority has another invoice of
-- its number. The first answer to a record counts. `receipt` is the authority's mark of a request, `wait_s` the pause
-- that it asks for, `trouble` why it took nothing, `certificate_ends` the end of the certificate. `failed` names what
-- the sender could not stamp, with the reason. Refused with `not_sender` for any other till.
-- Takes `journal`, and some of `begins` and `untaken` (ids of events), `answers` `[{"event", "state", "code", "words",
-- "repeated"}]`, `receipt`, `wait_s`, `trouble`, `failed` `[{"of", "why"}]`, `certificate_ends`.
-- Gives {"ok"}.
create or replace function till.fiscal_answers_v1(p_auth warm.auth_context, p_request jsonb) returns json
language plpgsql as $$
declare
    refused constant text := warm.not_sender(p_auth);
    v_trouble constant text := trim(regexp_replace(p_request->>'trouble', '[[:cntrl:][:space:]]+', ' ', 'g'));
    begun constant uuid[] := array(select jsonb_array_elements_text(coalesce(p_request->'begins', '[]')));
    untaken constant uuid[] := array(select jsonb_array_elements_text(coalesce(p_request->'untaken', '[]')));
    numbers text[];
    unasked text[];
    answers constant jsonb := coalesce(p_request->'answers', '[]');
    v_refused bigint;
begin
    if refused is not null then
        return refused::json;
    end if;
    with kept as (
        update cold.fiscal_stamps as s set requests = s.requests + 1
        where s.store_id = p_auth.store_id and s.event_id = any (begun) and s.state = 'to_send' and not s.answered
        returning s.number, s.arrival
    )
    select array_agg(k.number order by k.arrival) into numbers from kept as k;
    perform warm.note_request(p_auth, true, numbers, 0, null, '');
    with kept as (
        insert into cold.fiscal_answers (event_id, store_id, state, code, words, receipt, is_repeated)
        select (r.stamp).event_id, p_auth.store_id, r.state, r.code, r.words, coalesce(p_request->>'receipt', ''), r.is_repeated
        from cold.read_answers(p_auth.store_id, answers) as r
        on conflict do nothing
        returning event_id, state
    ), settled as (
        update cold.fiscal_stamps as s set answered = true from kept as k
        where s.store_id = p_auth.store_id and s.event_id = k.event_id
        returning s.number, s.arrival, s.requests, k.state
    )
    select array_agg(x.number order by x.arrival), count(*) filter (where x.state = 'refused'),
        array_agg(x.number order by x.arrival) filter (where x.state <> 'refused' and x.requests = 0)
    into numbers, v_refused, unasked
    from settled as x;
    perform warm.note_request(p_auth, false, numbers, v_refused, unasked, p_request->>'receipt');
    update cold.fiscal_stamps as s set requests = s.requests - 1
    where s.store_id = p_auth.store_id and s.event_id = any (untaken) and s.requests > 0;
    update till.fiscal_unstamped as u set failed_at = now(), why = left(f->>'why', 500)
    from jsonb_array_elements(coalesce(p_request->'failed', '[]')) as f
    where u.store_id = p_auth.store_id and u.of_id = (f->>'of')::uuid;
    insert into till.fiscal_senders (store_id, till_id, heard_at) values (p_auth.store_id, p_auth.till_id, now())
    on conflict do nothing;
    update till.fiscal_senders as x set
        heard_at = now(),
        sent_at = case when begun <> '{}' then now() else x.sent_at end,
        wait_s = greatest(least(coalesce((p_request->>'wait_s')::numeric, x.wait_s), 3600), 0),
        certificate_ends = coalesce((p_request->>'certificate_ends')::timestamptz, x.certificate_ends),
        trouble = coalesce(left(v_trouble, 1500), x.trouble),
        trouble_since = case when v_trouble = '' then null when v_trouble <> '' then coalesce(x.trouble_since, now()) else x.trouble_since end
    where x.store_id = p_auth.store_id;
    return json_build_object('ok', true);
end $$;
