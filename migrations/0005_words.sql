-- The words of a site's chunks as they are written, without accents and in lower
-- case, with the term under which each is found: terms are hashes, and a misspelt
-- word has to be compared with words. A word leaves with its term.
create table corpus_words (
    site_id uuid not null references sites on delete cascade,
    word    text collate "C" not null,
    term    integer not null,
    primary key (site_id, word, term)
);
create index corpus_words_by_start on corpus_words (site_id, left(word, 1), char_length(word)) include (word, term);
create index corpus_words_by_term on corpus_words (site_id, term);
