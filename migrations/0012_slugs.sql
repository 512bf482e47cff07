-- The slugs that articles had: their old addresses lead to the new ones.
create table article_slugs (
    site_id    uuid not null references sites on delete cascade,
    locale     text not null,
    slug       text not null,
    article_id uuid not null references articles on delete cascade,
    at         timestamptz not null default now(),
    primary key (site_id, locale, slug)
);
create index article_slugs_by_article on article_slugs (article_id);

-- A page is asked for by its slug, whatever its locale.
create index articles_by_slug on articles (site_id, slug);

-- What the help centre shows, counted at every request.
create index articles_in_help on articles (site_id, locale) include (published_version)
    where audience = 0 and published_version is not null;
