-- The end of a page of order sessions: by time and id, because a front end's ids have no time in them.
create type till.place as (at timestamptz, id text collate "C");
