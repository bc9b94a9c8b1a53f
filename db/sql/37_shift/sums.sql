-- The sums of a shift from the log, by the rules of `till/domain/shift/books.py` (docs/adr/0041-one-place-for-a-rule.md).

-- An event by its id, from the log or the audit.
create or replace function warm.event_by_id(p_store uuid, p_event uuid) returns warm.session_events
language plpgsql stable as $$
declare
    e warm.session_events;
begin
    select * into e from warm.session_events as x where x.event_id = p_event;
    if not found and warm.may_be_audited(p_store, p_event) then
        select * into e from cold.order_audit as x where x.event_id = p_event;
    end if;
    return e;
end $$;

-- The facts of a shift, in any order: the events of its stream, and what explains a count of it: corrections, undone movements.
create or replace function warm.facts_of_shift(p_shift uuid) returns setof warm.session_events
language plpgsql stable rows 20 as $$
begin
    return query
    select e.* from till.shift_facts as f cross join lateral warm.event_by_id(f.store_id, f.event_id) as e
    where f.shift_id = p_shift;
end $$;

-- The first count of a tender by a till after a payment or a movement, and its shift, which may be the one before. Only the next
-- facts are looked through: a push waits for this.
create or replace function warm.count_after(p_store uuid, p_till integer, p_moved uuid, p_tender text)
returns table (shift uuid, event_id uuid)
language plpgsql stable rows 1 as $$
begin
    return query
    select f.shift_id, f.event_id
    from (
        select s.shift_id, x.event_id
        from till.shifts as s join till.shift_facts as x on x.shift_id = s.shift_id
        where s.store_id = p_store and s.till_id = p_till and s.opened is not null and x.event_id > p_moved and (s.shift_id >= (
            select o.shift_id from till.shifts as o
            where o.store_id = p_store and o.till_id = p_till and o.shift_id < p_moved order by o.shift_id desc offset 1 limit 1
        )) is not false
        order by s.shift_id, x.event_id limit 1000
    ) as f
    cross join lateral warm.event_by_id(p_store, f.event_id) as n
    where n.event_type = 'drawer_counted' and n.event_data->'counts' @> jsonb_build_array(jsonb_build_object('tender', p_tender))
    order by f.event_id limit 1;
end $$;

-- The places of a shift in the chains of its till, by journal: from its opening to its close, or to the last event. A journal
-- that took another's place goes on with the shift that its first event names, or has the rest of one up to its close.
create or replace function warm.places_of_shift(p_shift uuid) returns table (journal_id uuid, first bigint, last bigint)
language plpgsql stable set enable_seqscan = off as $$
declare
    s till.shifts;
    o warm.session_events;
    c warm.session_events;
begin
    select * into s from till.shifts as x where x.shift_id = p_shift;
    o := warm.event_by_id(s.store_id, s.opened);
    c := warm.event_by_id(s.store_id, s.closed);
    if c.event_id is null then
        c := warm.event_by_id(s.store_id, s.ended);
        c.seq := c.seq - 1;
    end if;
    return query
    select j.journal_id, min(j.first), case j.journal_id when c.journal_id then c.seq else h.seq end
    from (
        select o.journal_id, o.seq as first
        union all
        select x.journal_id, 1 from warm.journal_head as x join warm.log as b on b.journal_id = x.journal_id and b.seq = 1
        where x.store_id = s.store_id and x.till_id = s.till_id and b.event_type = 'journal_opened' and o.event_id is not null
            and (b.event_data->>'shift' = p_shift::text or x.journal_id = c.journal_id and c.journal_id <> o.journal_id)
    ) as j
    join warm.journal_head as h on h.journal_id = j.journal_id
    group by j.journal_id, h.seq;
end $$;

-- True if nothing of a shift is missing: its opening is here, and no place of it in a chain is a gap or unreadable.
create or replace function warm.is_whole_shift(p_shift uuid) returns boolean
language plpgsql stable set enable_seqscan = off as $$
begin
    return exists (select from warm.places_of_shift(p_shift)) and not exists (
        select from warm.places_of_shift(p_shift) as p
        join warm.chain_gaps as g on g.journal_id = p.journal_id and g.seq between p.first and p.last
    ) and not exists (
        select from warm.places_of_shift(p_shift) as p
        join warm.quarantine as q on q.journal_id = p.journal_id and q.seq between p.first and p.last
        cross join lateral (select warm.read_envelope(q.body) as body offset 0) as b
        where (b.body ? 'shift') is not true or b.body->>'shift' = p_shift::text and not warm.is_readable(b.body));
end $$;

-- The events with the label of a shift that its sums are made of, from the log, the audit and quarantine, in any order. What does
-- not read there is not among them. Most events of a shift are lines keyed.
create or replace function warm.events_of_shift(p_shift uuid)
returns table (event_id uuid, event_type text, stream_id uuid, data jsonb)
language plpgsql stable rows 20000 set enable_seqscan = off as $$
declare
    p record;
    types constant text[] := array[
        'payment_approved', 'payment_voided', 'tip_corrected', 'refund_started', 'refund_approved', 'order_placed', 'cash_moved',
        'movement_undone', 'drawer_counted', 'drawer_corrected', 'drawer_opened', 'receipt_issued', 'line_voided',
        'quantity_changed', 'order_discarded', 'order_resumed', 'change_undone'];
begin
    for p in select * from warm.places_of_shift(p_shift) loop
        return query
        select e.event_id, e.event_type, e.stream_id, e.event_data from warm.log as e
        where e.journal_id = p.journal_id and e.seq between p.first and p.last and e.shift = p_shift
            and e.event_type = any (types);
        return query
        select (b.body->>'id')::uuid, b.body->>'type', (b.body->>'stream_id')::uuid, b.body->'data'
        from warm.quarantine as q cross join lateral (select warm.read_envelope(q.body) as body offset 0) as b
        where q.journal_id = p.journal_id and q.seq between p.first and p.last and b.body->>'shift' = p_shift::text
            and b.body->>'type' = any (types) and warm.is_readable(b.body)
            and not exists (select from warm.log as l where l.journal_id = q.journal_id and l.seq = q.seq);
    end loop;
end $$;

-- The balance of the drawer of a till when a shift was opened, by tender, with a count that stands beside the Z before though it
-- was made in this shift: its difference, less what it took. `journal_id` is the journal of the close before; null without one.
create or replace function warm.opening_of_shift(p_shift uuid, out balance jsonb, out journal_id uuid)
language plpgsql stable set enable_seqscan = off as $$
declare
    before record;
begin
    select d.* into before
    from till.shifts as s cross join lateral warm.balance_before(s.store_id, s.till_id, s.shift_id) as d
    where s.shift_id = p_shift;
    journal_id := before.journal_id;
    select before.balance || coalesce(jsonb_object_agg(
        x.tender, (x.change + coalesce((before.balance->>x.tender)::numeric, 0))::text), '{}')
    into balance
    from (
        select n->>'tender' as tender,
            sum((n->>'counted')::numeric - (n->>'expected')::numeric - coalesce((n->>'taken')::numeric, 0)) as change
        from warm.facts_of_shift(before.shift_id) as e cross join jsonb_array_elements(e.event_data->'counts') as n
        where e.event_type = 'drawer_counted' and e.shift = p_shift group by 1
    ) as x;
end $$;

-- The balance of the drawer of a till before a shift, by tender: what the close before stated, and then what the counts
-- since left. `shift_id` and `journal_id` are those of that close; null without one.
create or replace function warm.balance_before(
    p_store uuid, p_till integer, p_before uuid, out balance jsonb, out shift_id uuid, out journal_id uuid
)
language plpgsql stable set enable_seqscan = off as $$
declare
    c warm.session_events;
begin
    c := warm.event_by_id(p_store, (
        select coalesce(x.closed, x.closed_by_server) from till.shifts as x
        where x.store_id = p_store and x.till_id = p_till and x.shift_id < p_before
            and coalesce(x.closed, x.closed_by_server) is not null
        order by x.shift_id desc limit 1));
    shift_id := c.stream_id;
    journal_id := c.journal_id;
    if c.event_id is null then
        balance := '{"CASH": "0"}';
        return;
    end if;
    select coalesce(jsonb_object_agg(d->>'tender', d->>'closing'), '{}') into balance
    from jsonb_array_elements(c.event_data->'sums'->'drawer') as d;
    select balance || coalesce(jsonb_object_agg(
        n->>'tender', ((n->>'counted')::numeric - coalesce((n->>'taken')::numeric, 0))::text order by e.event_id, n.place), '{}')
    into balance
    from warm.facts_of_shift(c.stream_id) as e
    cross join jsonb_array_elements(e.event_data->'counts') with ordinality as n (n, place)
    where e.event_type = 'drawer_counted' and e.event_id > c.event_id and e.event_id < p_before;
end $$;

-- The balance of its drawer for a till whose journal began on an empty disk, as reference data: that with which the first
-- shift of the journal opens. It changes with what still arrives of the journals before, until the journal has closed a
-- shift. Null before the server has closed the shift that an earlier journal left open, and for any other journal.
create or replace function warm.balance_for(p_auth warm.auth_context, p_version text) returns json
language plpgsql stable set enable_seqscan = off as $$
declare
    before record;
    version integer;
begin
    select d.* into before
    from warm.balance_before(p_auth.store_id, p_auth.till_id, coalesce((
        select s.shift_id from till.shifts as s
        where s.store_id = p_auth.store_id and s.till_id = p_auth.till_id and s.closed is null and s.closed_by_server is null
        order by s.shift_id desc limit 1), 'ffffffff-ffff-ffff-ffff-ffffffffffff')) as d;
    if before.shift_id is null or p_auth.retired or before.journal_id = p_auth.journal_id or exists (
        select from till.shifts as s cross join lateral warm.event_by_id(s.store_id, s.opened) as o
        where s.shift_id = before.shift_id and o.journal_id = p_auth.journal_id
    ) or exists (
        select from warm.log as b
        where b.journal_id = p_auth.journal_id and b.seq = 1 and b.event_data->>'shift' = before.shift_id::text
    ) or exists (select from warm.left_shifts(p_auth.store_id) as l where l.till_id = p_auth.till_id) then
        return null;
    end if;
    version := hashtext(before.balance::text) & 2147483646 | 1;
    if version::text = p_version then
        return null;
    end if;
    return json_build_object('version', version, 'body', json_build_object('balance', before.balance));
end $$;

-- A sum as records write it; zero of nothing.
create or replace function warm.sum_text(p_sum numeric, p_decimals integer) returns text
language sql immutable as $$
    select round(coalesce(p_sum, 0), p_decimals)::text
$$;

-- A number of documents or acts with their amount, as records write them.
create or replace function warm.numbered_sum(p_number bigint, p_sum numeric, p_decimals integer) returns jsonb
language sql immutable as $$
    select jsonb_build_object('number', p_number, 'amount', warm.sum_text(p_sum, p_decimals))
$$;

-- The sums of a shift so far, as in `shift_closed`; null if a part of its records is missing, unless `p_over_gaps`. Amounts of events that
-- change another are found by the place `n` of both, since what came later counts.
create or replace function warm.shift_sums(p_shift uuid, p_over_gaps boolean default false) returns jsonb
language plpgsql stable set enable_seqscan = off as $$
declare
    opened jsonb;
    opening jsonb;
    kept text[];
    decimals integer;
begin
    if not p_over_gaps and not warm.is_whole_shift(p_shift) then
        return null;
    end if;
    select o.event_data into strict opened from till.shifts as s join warm.log as o on o.event_id = s.opened
    where s.shift_id = p_shift;
    kept := array(select jsonb_array_elements_text(opened->'kept'));
    decimals := cold.decimals_of(opened->>'currency');
    select o.balance into opening from warm.opening_of_shift(p_shift) as o;
    return (
        with e as materialized (
            select row_number() over (order by x.event_id) as n, x.event_id::text as id, x.event_type as type, x.stream_id, x.data
            from warm.events_of_shift(p_shift) as x
        ), answered as (
            select e.n, e.data->>'payment_id' as payment, e.data->>'tender' as tender, (e.data->>'amount')::numeric as amount,
                coalesce((e.data->>'tip')::numeric, 0) as tip, (e.data->>'tendered')::numeric as tendered,
                (e.data->>'change')::numeric as change, e.data ? 'drawer' as is_here, e.data ? 'approved_by' as is_by_hand
            from e where e.type = 'payment_approved' and not warm.is_server_tender(e.data->>'tender')
        ), first_answer as (
            select distinct on (a.payment) a.* from answered as a order by a.payment, a.n
        ), later_answer as (
            -- the provider's answer replaces one by hand
            select distinct on (a.payment) a.* from answered as a join first_answer as f on f.payment = a.payment
            where f.is_by_hand and not a.is_by_hand and a.n > f.n order by a.payment, a.n
        ), taken as materialized (
            select f.*, l.n as until, f.n as noted from first_answer as f left join later_answer as l on l.payment = f.payment
            union all
            select l.*, null, f.n from later_answer as l join first_answer as f on f.payment = l.payment
        ), paid as (
            select t.* from taken as t where t.until is null
        ), returned as materialized (
            select v.n, v.payment, v.tender, v.amount, v.change, v.is_here, coalesce(t.tip, 0) as tip,
                row_number() over (partition by v.payment order by v.n) = 1 as is_first
            from (
                select e.n, e.data->>'payment_id' as payment, e.data->>'tender' as tender, (e.data->>'amount')::numeric as amount,
                    coalesce((e.data->>'change')::numeric, 0) as change, e.data ? 'drawer' as is_here
                from e where e.type = 'payment_voided' and not warm.is_server_tender(e.data->>'tender')
            ) as v
            left join taken as t on t.payment = v.payment and t.n < v.n and (t.until is null or t.until > v.n)
        ), refunded as (
            select e.n, e.data->>'tender' as tender, (e.data->>'amount')::numeric as amount, e.data ? 'drawer' as is_here
            from e where e.type = 'refund_approved'
        ), tipped as (
            select e.n, e.data->>'tender' as tender, -(e.data->>'returned')::numeric as amount, e.data ? 'drawer' as is_here
            from e where e.type = 'tip_corrected'
        ), placed as materialized (
            -- each sale is taken apart once
            select e.n, p.* from e cross join jsonb_to_record(e.data) as p (
                receipt text, business_date text, net numeric, tax numeric, total numeric, rounding numeric, lines jsonb,
                taxes jsonb, service_charge jsonb, off jsonb, payments jsonb)
            where e.type = 'order_placed'
        ), lines as materialized (
            select l.* from placed as p cross join jsonb_to_recordset(p.lines) as l (
                category text, quantity bigint, subtotal numeric, off jsonb)
        ), listed as (
            select p.payment_id as payment, p.tender, p.amount, coalesce(p.tip, 0) as tip,
                row_number() over (partition by p.payment_id order by o.n) = 1 as is_first
            from placed as o
            cross join jsonb_to_recordset(o.payments) as p (payment_id text, tender text, amount numeric, tip numeric)
        ), used as materialized (
            select l.*, p.payment is not null as is_here
            from listed as l left join paid as p on p.payment = l.payment and l.is_first
        ), tender_moves (tender, number, amount, tip, ahead, used) as (
            select p.tender, 1, p.amount, p.tip, p.amount - p.tip, 0 from paid as p
            union all select r.tender, 1, -r.amount, -r.tip, r.tip - r.amount, 0 from returned as r
            union all select r.tender, 1, r.amount, 0, 0, 0 from refunded as r
            union all select t.tender, 0, t.amount, t.amount, 0, 0 from tipped as t
            union all select u.tender, 0, 0, 0, u.tip - u.amount, 0 from used as u where u.is_here
            union all select u.tender, 1, u.amount, u.tip, 0, 0 from used as u
            where not u.is_here and warm.is_server_tender(u.tender)
            union all select u.tender, 0, 0, 0, 0, u.amount - u.tip from used as u
            where not u.is_here and not warm.is_server_tender(u.tender)
        ), tenders as materialized (
            select t.tender, sum(t.number) as number, sum(t.amount) as amount, sum(t.tip) as tips, sum(t.ahead) as ahead,
                sum(t.used) as used
            from tender_moves as t group by t.tender
        ), counts as materialized (
            -- the opening has one in the stream of the shift before, which is a base here all the same
            select e.n, c.place, c.c->>'tender' as tender, (c.c->>'counted')::numeric as counted,
                coalesce((c.c->>'taken')::numeric, 0) as taken, e.stream_id = p_shift as is_own
            from e cross join jsonb_array_elements(e.data->'counts') with ordinality as c (c, place)
            where e.type = 'drawer_counted'
        ), cash as (
            select e.n, e.id, e.data->>'kind' as kind, (e.data->>'amount')::numeric as amount from e where e.type = 'cash_moved'
        ), undone as (
            select distinct on (c.id) e.n, c.n as noted, c.amount
            from e join cash as c on c.id = e.data->>'event' and c.n < e.n
            where e.type = 'movement_undone' order by c.id, e.n
        ), corrected as (
            -- within the drawer, what was tendered moves: its change stays cash
            select c.n, c.noted, x.tender, x.amount
            from (
                select o.n, o.was, o.tender, min(t.noted) as noted, coalesce(nullif(max(t.tendered) filter (
                    where t.n < o.n and (t.until is null or t.until > o.n) and t.is_here and t.tender = any (kept)
                        and o.was = any (kept) and o.tender = any (kept)), 0), o.amount) as amount
                from (
                    select e.n, e.data->>'payment_id' as payment, e.data->>'was' as was, e.data->>'tender' as tender,
                        (e.data->>'amount')::numeric as amount
                    from e where e.type = 'drawer_corrected'
                ) as o
                join taken as t on t.payment = o.payment and t.noted < o.n
                group by o.n, o.was, o.tender, o.amount
            ) as c
            cross join lateral (values (c.was, -c.amount), (c.tender, c.amount)) as x (tender, amount)
        ), since_count as (
            -- a change of something from before the last count explains its difference, and moves nothing
            select x.n, x.tender, x.kind, x.amount
            from (
                select x.*, max(x.counted) over (partition by x.tender order by x.n) as last_count
                from (
                    select c.n, c.noted, c.tender, 'corrected' as kind, c.amount, null::bigint as counted from corrected as c
                    union all select u.n, u.noted, 'CASH', 'undone', -u.amount, null from undone as u
                    union all select c.n, null, c.tender, null, null, c.n from counts as c
                ) as x
            ) as x
            where x.kind is not null and (x.last_count > x.noted) is not true
        ), moves (n, tender, kind, amount) as materialized (
            select m.* from (
                select t.n, t.tender, 'payments', t.tendered from taken as t where t.is_here
                union all select t.until, t.tender, 'payments', -t.tendered from taken as t where t.is_here and t.until is not null
                union all select t.n, 'CASH', 'change', -t.change from taken as t where t.is_here
                union all select t.until, 'CASH', 'change', t.change from taken as t where t.is_here and t.until is not null
                union all select r.n, r.tender, 'given_back', -r.amount - r.change from returned as r where r.is_here
                union all select r.n, 'CASH', 'given_back', r.change from returned as r where r.is_here
                union all select r.n, r.tender, 'refunds', r.amount from refunded as r where r.is_here
                union all select t.n, t.tender, 'tips_corrected', t.amount from tipped as t where t.is_here
                union all select s.n, s.tender, s.kind, s.amount from since_count as s where s.kind = 'corrected'
            ) as m (n, tender, kind, amount)
            where m.amount <> 0 and m.tender = any (kept)
            union all select c.n, 'CASH', c.kind, c.amount from cash as c where c.amount <> 0
            union all select s.n, s.tender, s.kind, s.amount from since_count as s where s.kind = 'undone' and s.amount <> 0
        ), parts as (
            -- each count begins a part of the account of its tender
            select x.*, count(x.counted) over (partition by x.tender order by x.n, x.place) as part
            from (
                select m.n, 0 as place, m.tender, m.amount, null::numeric as counted, null::numeric as taken from moves as m
                union all select c.n, c.place, c.tender, 0, c.counted, c.taken from counts as c where c.is_own
            ) as x
        ), accounts as (
            select p.tender, p.part, max(p.counted) as counted, max(p.taken) as taken, sum(p.amount) as moved,
                coalesce(max(p.counted) - max(p.taken), (opening->>p.tender)::numeric, 0) as base
            from parts as p group by p.tender, p.part
        ), steps as materialized (
            -- a count without a part before it follows the opening
            select a.*, coalesce(lag(a.base + a.moved) over w, (opening->>a.tender)::numeric, 0) as expected,
                lead(a.part) over w is null as is_last
            from accounts as a window w as (partition by a.tender order by a.part)
        ), kinds as materialized (
            select k.tender, k.kind, sum(k.amount) as amount
            from (
                select m.tender, m.kind, m.amount from moves as m
                union all select s.tender, 'difference', s.counted - s.expected from steps as s where s.part > 0
                union all select s.tender, 'taken', -s.taken from steps as s where s.part > 0
            ) as k (tender, kind, amount)
            where k.amount <> 0 group by k.tender, k.kind
        ), drawer as (
            select t.tender, coalesce((opening->>t.tender)::numeric, 0) as opening,
                coalesce(s.base + s.moved, (opening->>t.tender)::numeric, 0) as closing, (
                    select jsonb_agg(jsonb_build_object('kind', k.kind, 'amount', round(k.amount, decimals)::text)
                        order by k.kind collate "C")
                    from kinds as k where k.tender = t.tender and k.amount <> 0) as moved
            from (
                select k.tender from kinds as k union select unnest(kept) union select jsonb_object_keys(opening)
            ) as t
            left join steps as s on s.tender = t.tender and s.is_last
        ), offs as (
            select o->>'kind' = 'comp' as is_comp, abs((o->>'amount')::numeric) as amount
            from lines as l cross join jsonb_array_elements(l.off) as o
            union all
            select o->>'kind' = 'comp', abs((o->>'amount')::numeric)
            from placed as p cross join jsonb_array_elements(p.off) as o
        ), changed as materialized (
            select e.n, e.type, e.id, e.stream_id, e.data from e
            where e.type in ('line_voided', 'quantity_changed', 'order_discarded', 'change_undone', 'order_resumed')
        ), removals as (
            select c.data->'removed' as removed from changed as c
            left join (
                select u.data->>'event' as id, max(u.n) as n from changed as u where u.type = 'change_undone' group by 1
            ) as u on u.id = c.id
            where c.type in ('line_voided', 'quantity_changed') and c.data ? 'removed' and not c.data ? 'cut'
                and (u.n > c.n) is not true
            union all
            select r from (
                select distinct on (c.stream_id) c.* from changed as c where c.type in ('order_discarded', 'order_resumed')
                order by c.stream_id, c.n desc
            ) as c
            cross join jsonb_array_elements(c.data->'removed') as r where c.type = 'order_discarded'
        ), voids as (
            select (r.removed->>'amount')::numeric as amount, coalesce((r.removed->>'sent')::boolean, false) as sent
            from removals as r
        ), papers as (
            select coalesce((e.data->>'is_bill')::boolean, false) as is_bill, e.data ? 'copy' as is_copy,
                (e.data->>'amount')::numeric as amount
            from e where e.type = 'receipt_issued'
        )
        select jsonb_strip_nulls(jsonb_build_object(
            'sales', (
                select jsonb_build_object(
                    'number', count(*), 'net', warm.sum_text(sum(p.net), decimals), 'tax', warm.sum_text(sum(p.tax), decimals),
                    'gross', warm.sum_text(sum(p.total), decimals))
                from placed as p),
            'refunds', (select warm.numbered_sum(count(*), -sum(r.amount), decimals) from refunded as r),
            'taxes', (
                select jsonb_agg(jsonb_build_object(
                    'name', t.name, 'rate', t.rate, 'net', round(t.net, decimals)::text, 'tax', round(t.tax, decimals)::text)
                    order by t.name collate "C", t.rate collate "C")
                from (
                    select t->>'name' as name, coalesce(t->>'rate', '') as rate,
                        sum(coalesce((t->>'net')::numeric, 0)) as net, sum((t->>'tax')::numeric) as tax
                    from placed as p cross join jsonb_array_elements(p.taxes) as t group by 1, 2
                ) as t),
            'categories', (
                select jsonb_agg(jsonb_build_object(
                    'category', c.category, 'quantity', c.quantity, 'gross', round(c.gross, decimals)::text)
                    order by c.category collate "C")
                from (
                    select coalesce(l.category, '') as category, sum(l.quantity) as quantity, sum(l.subtotal) as gross
                    from lines as l group by 1
                ) as c),
            'dates', (
                select jsonb_agg(jsonb_build_object(
                    'business_date', d.business_date, 'number', d.number, 'gross', round(d.gross, decimals)::text)
                    order by d.business_date collate "C")
                from (
                    select p.business_date, count(*) as number, sum(p.total) as gross from placed as p group by 1
                ) as d),
            'tenders', (
                select jsonb_agg(jsonb_build_object(
                    'tender', t.tender, 'number', t.number, 'amount', round(t.amount, decimals)::text,
                    'tips', round(t.tips, decimals)::text, 'taken_ahead', round(t.ahead, decimals)::text,
                    'used', round(t.used, decimals)::text) order by t.tender collate "C")
                from tenders as t),
            'rounding', (select warm.sum_text(sum(p.rounding), decimals) from placed as p),
            'tips', (select warm.sum_text(sum(t.tips), decimals) from tenders as t),
            'taken_ahead', (select warm.sum_text(sum(t.ahead), decimals) from tenders as t),
            'used', (select warm.sum_text(sum(t.used), decimals) from tenders as t),
            'service_charge', (
                select warm.sum_text(sum((p.service_charge->>'subtotal')::numeric), decimals) from placed as p),
            'discounts', (select warm.numbered_sum(count(*), sum(o.amount), decimals) from offs as o where not o.is_comp),
            'comps', (select warm.numbered_sum(count(*), sum(o.amount), decimals) from offs as o where o.is_comp),
            'voids', (select warm.numbered_sum(count(*), sum(v.amount), decimals) from voids as v),
            'voids_after_sending', (select warm.numbered_sum(count(*), sum(v.amount), decimals) from voids as v where v.sent),
            'drawer', (
                select jsonb_agg(jsonb_build_object(
                    'tender', d.tender, 'opening', round(d.opening, decimals)::text,
                    'closing', round(d.closing, decimals)::text, 'moved', d.moved) order by d.tender collate "C")
                from drawer as d),
            'no_sales', (select count(*) from e where e.type = 'drawer_opened' and e.data->>'why' = 'no_sale'),
            'copies', (
                select warm.numbered_sum(count(*), sum(p.amount), decimals) from papers as p where p.is_copy and not p.is_bill),
            'bills', (select warm.numbered_sum(count(*), sum(p.amount), decimals) from papers as p where p.is_bill),
            'receipts', (
                select jsonb_build_object(
                    'first', (array_agg(p.receipt order by p.n))[1], 'last', (array_agg(p.receipt order by p.n desc))[1])
                from placed as p having count(*) > 0),
            'refund_receipts', (
                select jsonb_build_object(
                    'first', (array_agg(e.data->>'receipt' order by e.n))[1],
                    'last', (array_agg(e.data->>'receipt' order by e.n desc))[1])
                from e where e.type = 'refund_started' having count(*) > 0)))
    );
end $$;
