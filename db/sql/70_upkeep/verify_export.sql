-- An export of the chains that can be verified by itself: the record of each place, as it was sealed.

-- The places of a chain between two numbers, in order: [{"journal", "seq", "prev", "hash", "body"}]. A deleted record
-- has `gap` and no body. A record that is also in another chain has its `link` there, and its body in this chain. A
-- quarantined record has `aside`. With `p_texts` also the free texts beside a body: {field: {"salt", "text"}}.
-- for: admin
create or replace function till.audit_export_v1(
    p_store uuid, p_journal uuid, p_first bigint, p_last bigint, p_texts boolean
) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
    select coalesce(json_agg(x.line order by x.seq, x.line->>'hash'), '[]')
    from (
        select e.seq, jsonb_build_object(
            'journal', e.journal_id, 'seq', e.seq, 'prev', e.prev_hash, 'hash', e.hash, 'body', e.body
        ) || case when p_texts and e.event_data ? 'digests' then jsonb_build_object('texts', (
            select coalesce(jsonb_object_agg(t.field, jsonb_build_object('salt', t.salt, 'text', t.text)), '{}')
            from warm.texts_of(e.event_id) as t)) else '{}' end as line
        from warm.log as e
        where e.journal_id = p_journal and e.seq between p_first and coalesce(p_last, 9223372036854775807)
        union all
        select o.seq, jsonb_build_object('journal', o.journal_id, 'seq', o.seq, 'hash', o.hash) || case o.what
            when 'gap' then jsonb_build_object('gap', true)
            when 'aside' then jsonb_build_object('aside', true, 'body', o.body, 'prev', (
                warm.read_partly(o.body, o.hash, null, null, null, '')).prev_hash)
            else jsonb_build_object('link', o.event_id, 'prev', o.prev_hash, 'body', coalesce(
                (
                    select q.body from warm.quarantine as q
                    where q.journal_id = o.journal_id and q.event_id = o.event_id and warm.digest(q.body) = o.hash limit 1),
                warm.body_in_chain(warm.body_of(o.store_id, o.event_id), o.journal_id, o.seq, o.prev_hash), ''))
            end
        from warm.other_places as o
        where o.journal_id = p_journal and o.seq between p_first and coalesce(p_last, 9223372036854775807)
    ) as x
$$;
