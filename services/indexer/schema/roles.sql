-- Two roles without a login, to be given to users: depeche_reader for downstream services, which may read schema news
-- and nothing else, and depeche_writer for the indexer, which may add and correct rows, and neither delete nor alter.
--
-- Roles belong to the whole server, so a migration of another database may have made them. `depeche migrate` calls
-- these functions at the end of each run, in this order. So they also cover tables of later migrations, and roles that
-- a user with more rights has made meanwhile.

CREATE FUNCTION depeche.grant_roles() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['depeche_reader', 'depeche_writer'] LOOP
        IF to_regrole(role_name) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN
                    NULL;  -- made by a migration of another database in this moment
                WHEN insufficient_privilege THEN
                    RAISE WARNING 'role % is missing, and % may not create roles: CREATE ROLE % NOLOGIN as a superuser, '
                        'then run "depeche migrate" again', role_name, current_user, role_name;
            END;
        END IF;
    END LOOP;
    IF to_regrole('depeche_reader') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA news TO depeche_reader;
        GRANT SELECT ON ALL TABLES IN SCHEMA news TO depeche_reader;
    END IF;
    IF to_regrole('depeche_writer') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA depeche TO depeche_writer;
        GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA depeche TO depeche_writer;
        REVOKE INSERT, UPDATE ON depeche.schema_migrations, depeche.feed FROM depeche_writer;
        -- History gets new rows, and is never rewritten.
        REVOKE UPDATE ON depeche.changes, depeche.article_versions, depeche.headline_positions,
            depeche.headline_wordings, depeche.quarantine FROM depeche_writer;
    END IF;
END $$;

-- The rights that followers need beyond those of the indexer.
CREATE FUNCTION depeche.grant_followers() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF to_regrole('depeche_writer') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA news TO depeche_writer;
        GRANT DELETE ON depeche.story_sketches, depeche.story_keys TO depeche_writer;
        REVOKE INSERT, UPDATE ON depeche.search_languages FROM depeche_writer;
        REVOKE INSERT ON depeche.followers FROM depeche_writer;
    END IF;
END $$;

-- A visit that has ended is never rewritten.
CREATE FUNCTION depeche.grant_visits() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF to_regrole('depeche_writer') IS NOT NULL THEN
        REVOKE UPDATE ON depeche.visits FROM depeche_writer;
    END IF;
END $$;

-- In a case of the quarantine, only the columns that record its replay may be written.
CREATE FUNCTION depeche.grant_quarantine() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF to_regrole('depeche_writer') IS NOT NULL THEN
        GRANT UPDATE (replay_flight_id, replayed_at) ON depeche.quarantine TO depeche_writer;
    END IF;
END $$;
