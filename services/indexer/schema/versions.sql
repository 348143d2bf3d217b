-- Every version of an article. The current version stays in depeche.articles; a trigger copies a version that is
-- replaced, so a new article takes no further row. How a version differs from the one before is measured once, when it
-- is stored, by number_change() in changes.sql.

-- The key (article_id, version) is defined on each partition: history.sql.
CREATE TABLE depeche.article_versions (
    article_id          bigint      NOT NULL,
    version             integer     NOT NULL,
    title               text,
    lead                text,
    kicker              text,
    authors             text[]      NOT NULL,
    published_at        timestamptz,
    published_precision text,
    modified_at         timestamptz,
    modified_precision  text,
    body                text        NOT NULL,
    blocks              jsonb       NOT NULL,
    images              jsonb       NOT NULL,
    title_changed       boolean,
    lead_changed        boolean,
    body_changed        boolean,
    reparsed            boolean,
    words_changed       integer,
    similarity          real,
    substantive         boolean,
    parser_version      text        NOT NULL,
    seen_at             timestamptz NOT NULL,
    replaced_at         timestamptz NOT NULL
) PARTITION BY RANGE (replaced_at);

-- The words of a text, without regard to case and punctuation; in scripts without spaces between words, each character.
-- Of a text longer than any article, only the beginning: 200,000 characters take 40 ms.
CREATE FUNCTION depeche.words(given text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT word
    FROM regexp_split_to_table(
        lower(regexp_replace(left(given, 200000), '([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff])', ' \1 ', 'g')),
        '[\s\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e\u00a0-\u00bf\u060c\u061b\u061f\u06d4\u0964\u0965\u2000-\u206f\u3000-\u303f]+') AS word
    WHERE word <> ''
$$;

-- How many words stand in one of two texts and not in the other, counted as often as they do, and how many words both
-- texts have.
CREATE FUNCTION depeche.word_changes(before text, after text, OUT changed integer, OUT total integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(sum(abs(in_after - in_before)), 0)::int, coalesce(sum(in_after + in_before), 0)::int
    FROM (
        SELECT count(*) FILTER (WHERE of_after) AS in_after, count(*) FILTER (WHERE NOT of_after) AS in_before
        FROM (SELECT word, false FROM depeche.words(before) word UNION ALL
              SELECT word, true FROM depeche.words(after) word) AS both_texts (word, of_after)
        GROUP BY word
    ) AS counted
$$;

-- From this number on a change of words is substantive: four words put in place of others, or a sentence of eight
-- added. Chosen on 549 articles (457 words at the median) with one sentence added, or with one to three words
-- misspelled: 78 % of the sentences and 2 % of the threefold misspellings reach 8. No threshold of the similarity
-- separates the two half as well (.995: 80 % and 59 %), since a sentence is a small share of a long text. So the
-- similarity is given, but does not decide.
CREATE FUNCTION depeche.substantive_words() RETURNS integer LANGUAGE sql IMMUTABLE RETURN 8;

CREATE FUNCTION depeche.keep_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO depeche.article_versions
    SELECT OLD.article_id, OLD.version, OLD.title, OLD.lead, OLD.kicker, OLD.authors, OLD.published_at,
           OLD.published_precision, OLD.modified_at, OLD.modified_precision, OLD.body, OLD.blocks, OLD.images,
           OLD.title_changed, OLD.lead_changed, OLD.body_changed, OLD.reparsed, OLD.words_changed, OLD.similarity,
           OLD.substantive, OLD.parser_version, OLD.fetched_at, NEW.fetched_at;
    RETURN NULL;
END $$;

CREATE TRIGGER keep_version AFTER UPDATE ON depeche.articles FOR EACH ROW
WHEN (OLD.content_hash <> NEW.content_hash)
EXECUTE FUNCTION depeche.keep_version();

CREATE VIEW news.article_versions AS
SELECT article_id, version, title, lead, kicker, authors, published_at, published_precision, modified_at,
       modified_precision, body, blocks, images, title_changed, lead_changed, body_changed, words_changed, similarity,
       substantive, reparsed, parser_version, seen_at, replaced_at
FROM depeche.article_versions
UNION ALL
SELECT article_id, version, title, lead, kicker, authors, published_at, published_precision, modified_at,
       modified_precision, body, blocks, images, title_changed, lead_changed, body_changed, words_changed, similarity,
       substantive, reparsed, parser_version, fetched_at, NULL
FROM depeche.articles;
COMMENT ON VIEW news.article_versions IS
    'Every version of every article, the current one included. Versions before this view came into being were not kept.';
COMMENT ON COLUMN news.article_versions.article_id IS 'The article, in news.articles.';
COMMENT ON COLUMN news.article_versions.version IS '1 is the first.';
COMMENT ON COLUMN news.article_versions.title IS 'As it was in this version, like all columns of the same name.';
COMMENT ON COLUMN news.article_versions.lead IS 'As in news.articles.';
COMMENT ON COLUMN news.article_versions.kicker IS 'As in news.articles.';
COMMENT ON COLUMN news.article_versions.authors IS 'As in news.articles.';
COMMENT ON COLUMN news.article_versions.published_at IS 'As in news.articles.';
COMMENT ON COLUMN news.article_versions.published_precision IS 'As in news.articles.';
COMMENT ON COLUMN news.article_versions.modified_at IS 'As in news.articles.';
COMMENT ON COLUMN news.article_versions.modified_precision IS 'As in news.articles.';
COMMENT ON COLUMN news.article_versions.body IS 'As in news.articles.';
COMMENT ON COLUMN news.article_versions.blocks IS 'As in news.articles.';
COMMENT ON COLUMN news.article_versions.images IS 'As in news.articles.';
COMMENT ON COLUMN news.article_versions.title_changed IS
    'Whether the title is another than that of the version before; this and what follows is NULL for the first version.';
COMMENT ON COLUMN news.article_versions.lead_changed IS 'Whether the lead is another.';
COMMENT ON COLUMN news.article_versions.body_changed IS
    'Whether the text is another. A version in which none of the three changed differs in something else.';
COMMENT ON COLUMN news.article_versions.words_changed IS
    'Words of the text that were added and that were taken out; case, punctuation and order do not count.';
COMMENT ON COLUMN news.article_versions.similarity IS
    'Dice''s coefficient of the words of the two texts, each as often as it occurs: 1 for the same words, 0 for no common one.';
COMMENT ON COLUMN news.article_versions.substantive IS
    'Whether the title has other words, or 8 words or more of the text changed.';
COMMENT ON COLUMN news.article_versions.reparsed IS
    'Whether another version of the parser read it, so that the difference may be the parser''s and not the publisher''s.';
COMMENT ON COLUMN news.article_versions.parser_version IS 'The parser that read this version.';
COMMENT ON COLUMN news.article_versions.seen_at IS 'The visit that found this version first.';
COMMENT ON COLUMN news.article_versions.replaced_at IS 'The visit that found the next one; NULL for the current version.';
