-- The language in which a person reads the screens; empty for the venue's.

alter table till.users
    add column language text not null default '' constraint users_language_check check (language ~ '^([a-z]{2,3})?$');
