-- The accountant's journal for its export: rows with the accounts that the venue set. Batches and rows are made in 85_closed_books.

-- The account of each kind that has none set. The longest beginning of a kind counts, here and in the setting.
-- for: admin, report
create or replace function cold.default_accounts() returns jsonb
language sql immutable parallel safe as $$
    select '{"tender": "Assets:Tenders", "tender.cash": "Assets:Cash", "tender.card": "Assets:Cards", "tender.voucher": "Liabilities:Vouchers",
        "tender.account": "Assets:HouseAccounts", "sales": "Income:Sales", "service_charge": "Income:ServiceCharge",
        "refunds": "Income:Refunds", "tax": "Liabilities:Taxes", "rounding": "Income:Rounding", "tips": "Liabilities:Tips",
        "taken_ahead": "Liabilities:TakenAhead", "used": "Liabilities:TakenAhead:Used", "over_short": "Expenses:OverShort",
        "difference": "Expenses:Differences", "movement": "Assets:Transfers", "movement.float": "Assets:Float",
        "movement.taken": "Assets:Safe", "movement.safe_drop": "Assets:Safe", "movement.bank_deposit": "Assets:Bank",
        "movement.paid_in": "Income:PaidIn", "movement.paid_out": "Expenses:PaidOut", "movement.wages": "Expenses:Wages",
        "movement.tips_paid_out": "Liabilities:Tips", "movement.private_in": "Liabilities:Owner",
        "movement.private_out": "Liabilities:Owner", "vouchers.issued": "Expenses:Vouchers", "vouchers.voided": "Income:Vouchers",
        "vouchers": "Income:Vouchers"}'::jsonb
$$;

-- The account of a kind among `p_accounts`; null for none.
-- for: admin, report
create or replace function cold.account_among(p_kind text[], p_accounts jsonb) returns text
language sql immutable parallel safe as $$
    select p_accounts->>array_to_string(p_kind[:n], '.') from generate_series(cardinality(p_kind), 1, -1) as n
    where p_accounts ? array_to_string(p_kind[:n], '.') limit 1
$$;

-- The rows of the journal.
-- for: admin, report
create or replace view cold.ledger as
select b.store_id, b.business_date, b.currency, b.till_id, b.batch, r.place, b.batch || '/' || r.place as row_id,
    array_to_string(r.kind, '.') as kind, cold.account_among(r.kind, cold.default_accounts()) as default_account,
    a.account is null as is_default, coalesce(a.account, cold.account_among(r.kind, cold.default_accounts())) as account,
    case r.kind[1] when 'sales' then r.kind[3] when 'tax' then array_to_string(r.kind[2:], ' ')
        when 'refunds' then r.kind[2] when 'service_charge' then r.kind[2] else '' end as tax,
    greatest(r.amount, 0) as debit, greatest(-r.amount, 0) as credit, coalesce(b.reverses, '') as reverses, r.what
from cold.ledger_batches as b join cold.ledger_rows as r on r.store_id = b.store_id and r.batch = b.batch
left join till.settings as s on s.store_id = b.store_id and s.name = 'settings'
cross join lateral (select cold.account_among(r.kind, s.body->'ledger_accounts') as account) as a;

-- The Zs of a store that were closed and are not in the journal, from one business day to another, with the reason.
-- for: admin, manager
create or replace function till.ledger_missing_v1(p_store uuid, p_from date, p_to date) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select coalesce(json_agg(json_build_object(
            'number', coalesce(z.event_data->>'number', ''), 'till', s.till_id, 'day', o.event_data->>'business_date',
            'record', j.quarantine_id, 'why', coalesce(j.error, 'The maintenance has not booked it yet.'))
            order by s.shift_id), '[]')
        from till.shifts as s
        cross join lateral warm.event_by_id(p_store, s.opened) as o
        cross join lateral warm.event_by_id(p_store, coalesce(s.closed, s.closed_by_server)) as z
        left join lateral (
            select x.quarantine_id, x.error from till.upkeep_jobs as x
            where x.store_id = p_store and x.kind in ('check', 'book') and x.key = s.shift_id::text limit 1) as j on true
        where s.store_id = p_store and s.booked is distinct from coalesce(s.closed, s.closed_by_server, s.ended)
            and (o.event_data->>'business_date')::date between p_from and p_to);
end $$;

-- The accounts of all kinds: those that have one by default or by the setting, and those that were booked within a year.
-- for: admin, manager
create or replace function till.ledger_accounts_v1(p_store uuid) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    accounts constant jsonb := coalesce(till.venue(p_store)->'ledger_accounts', '{}');
begin
    return (
        select coalesce(json_agg(json_build_object(
            'kind', k.name, 'account', coalesce(a.account, cold.account_among(k.kind, cold.default_accounts())),
            'default', a.account is null) order by k.name), '[]')
        from (
            select distinct on (name) x.name, x.kind
            from (
                select array_to_string(r.kind, '.') as name, r.kind
                from cold.ledger_batches as b join cold.ledger_rows as r on r.store_id = b.store_id and r.batch = b.batch
                where b.store_id = p_store and b.business_date > current_date - 366
                union all
                select o.name, string_to_array(o.name, '.') from jsonb_object_keys(cold.default_accounts() || accounts) as o (name)
            ) as x
            order by x.name, cardinality(x.kind)
        ) as k
        cross join lateral (select cold.account_among(k.kind, accounts) as account) as a);
end $$;
