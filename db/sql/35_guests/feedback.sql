-- Feedback of guests on orders that they paid for.

-- Keeps the newest feedback on an order session. Feedback from a till that never held the order does not count.
create or replace function warm.on_feedback_given(p_auth warm.auth_context, e warm.incoming_event) returns boolean
language plpgsql as $$
begin
    insert into cold.feedback as f (
        feedback_id, order_id, session_id, score, words, user_id, till_id, store_id, created_at
    )
    select e.event_id, (e.data->>'order_id')::uuid, s.id, (e.data->>'score')::integer,
        (select t.text from warm.texts_of(e.event_id) as t where t.field = 'words'), e.user_id, e.till_id, s.store_id, e.at
    from till.order_sessions as s
    where s.id = e.session_id and s.store_id = p_auth.store_id and warm.ever_held(s.id, e.till_id)
    on conflict (session_id) do update
    set feedback_id = excluded.feedback_id, order_id = excluded.order_id, score = excluded.score,
        words = excluded.words, user_id = excluded.user_id, till_id = excluded.till_id, created_at = excluded.created_at
    where excluded.feedback_id > f.feedback_id;
    return false;
end $$;
