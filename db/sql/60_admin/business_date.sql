-- Business dates. A till decides the date of its own records; these functions are for records that the server itself
-- dates.

-- The business date of a time, by the time zone and `business_day_ends` of a venue's settings. A day begins when the
-- local clock first shows that time or a later one. If the clock is set back over it, the first of the two counts, so
-- that no later time counts for a day that has ended. `begins` is when a clock that was not changed in the last 24
-- hours would show it. Tills do the same in `Venue.business_date` (tests/sql/test_business_date.py).
-- for: admin, report
create or replace function till.day_of(p_venue jsonb, p_at timestamptz) returns date
language plpgsql stable as $$
declare
    zone constant text := coalesce(p_venue->>'timezone', 'UTC');
    ends constant interval := coalesce(p_venue->>'business_day_ends', '00:00')::time;
    shown constant date := (p_at at time zone zone) - ends;
    next_day constant timestamp := shown + 1 + ends;
    day_ago constant timestamptz := p_at - interval '24 hours';
    begins constant timestamptz :=
        ((day_ago at time zone 'UTC') + (next_day - (day_ago at time zone zone))) at time zone 'UTC';
begin
    return shown + (begins <= p_at and begins at time zone zone = next_day)::integer;
end $$;

-- The business date of a time, by the settings of a store.
create or replace function till.business_date(p_store uuid, p_at timestamptz) returns date
language sql stable as $$
    select till.day_of(till.venue(p_store), p_at)
$$;

-- The bounds of a business day, for an index. A day has 25 hours at most, and an evening can continue after it.
create or replace function till.day_span(p_venue jsonb, p_day date, out begins timestamptz, out ends timestamptz)
language sql stable as $$
    select x.begins, x.begins + interval '50 hours'
    from (values ((p_day::timestamp at time zone coalesce(p_venue->>'timezone', 'UTC')) - interval '1 hour')) as x (begins)
$$;
