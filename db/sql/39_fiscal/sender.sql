-- The sender of a venue (`till fiscal send`), and the stamps that it sends. What waits is the stamps less the answers,
-- so nothing is lost when a sender dies: a request that was cut off is sent again, and the authority names what it has
-- (docs/protocol.md, "The sender").

-- The most stamps in a backlog: those of one request.
create or replace function warm.most_backlog() returns integer language sql immutable parallel safe as $$ select 1000 $$;

-- A refusal for a till that is not the sender of its venue, or whose journal is not its live one; null for the sender.
create or replace function warm.not_sender(p_auth warm.auth_context) returns text
language plpgsql stable as $$
declare
    sender constant integer := coalesce((till.venue(p_auth.store_id)->>'fiscal_sender')::integer, 0);
begin
    return case
        when p_auth.retired is not false or p_auth.journal_id is null
            then warm.refusal('journal_retired', warm.explain('journal_retired'), p_auth.seq, p_auth.hash)
        when sender <> p_auth.till_id then warm.refusal('not_sender', case sender
            when 0 then format('The venue has no sender yet: till admin settings set fiscal_sender %s.', p_auth.till_id)
            else format('Till %s is the sender of the venue. If this machine takes its place: till admin settings set fiscal_sender %s.',
                sender, p_auth.till_id) end, p_auth.seq, p_auth.hash) end;
end $$;

-- A stamp with its fields and its names, as the sender and the export read it.
create or replace function cold.stamp_json(s cold.fiscal_stamps) returns jsonb
language plpgsql stable as $$
begin
    return jsonb_build_object(
        'event', s.event_id, 'journal', s.chain, 'till', s.till_id, 'scheme', s.scheme, 'kind', s.kind, 'of', s.of_id,
        'number', s.number, 'previous', s.previous, 'hash', s.hash, 'at', warm.time_text(s.at),
        'fields', (warm.event_by_id(s.store_id, s.event_id)).event_data->'fields',
        'names', coalesce((select cold.names_in(t.text) from warm.texts_of(s.event_id) as t where t.field = 'names'), '{}'));
end $$;

-- The stamps of a venue that the authority did not answer.
create or replace function cold.fiscal_waiting(p_store uuid) returns setof cold.fiscal_stamps
language sql stable as $$
    select s.* from cold.fiscal_stamps as s
    where s.store_id = p_store and s.state = 'to_send' and not s.answered
$$;

-- The newest record of each invoice that the authority refused or took with errors, if nobody mended it yet.
create or replace function cold.fiscal_troubles(p_store uuid) returns setof cold.fiscal_answers
language sql stable as $$
    select a.* from cold.fiscal_answers as a join cold.fiscal_stamps as s on s.store_id = a.store_id and s.event_id = a.event_id
    where a.store_id = p_store and a.state <> 'accepted' and not exists (
        select from cold.fiscal_stamps as x
        where x.store_id = s.store_id and x.number = s.number and x.state = 'to_send' and x.arrival > s.arrival)
$$;

-- The stamps of the invoices for tickets that wait for a manager because their till was revoked.
create or replace function cold.fiscal_held(p_store uuid) returns setof cold.fiscal_stamps
language sql stable as $$
    select s.* from cold.fiscal_stamps as s join till.invoice_claims as i on i.event_id = s.of_id and i.store_id = s.store_id
    where s.store_id = p_store and s.state = 'waits' and not exists (
        select from till.conflicts as c
        where c.store_id = p_store and c.kind = 'number_twice' and c.subject = s.of_id::text and c.resolved_at is null)
$$;
