-- How far each relay has come that delivers the change feed to others (cli/relay). The role depeche_relayer is for users
-- that relay: it reads what depeche_reader reads, and writes nothing but these cursors.
CREATE TABLE depeche.relays (
    name    text        PRIMARY KEY,
    cursor  text        NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- `depeche migrate` calls it at the end of each run, as it does the functions of roles.sql.
CREATE FUNCTION depeche.grant_relays() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF to_regrole('depeche_relayer') IS NULL THEN
        BEGIN
            CREATE ROLE depeche_relayer NOLOGIN;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
                NULL;  -- made by a migration of another database in this moment
            WHEN insufficient_privilege THEN
                RAISE WARNING 'role depeche_relayer is missing, and % may not create roles: CREATE ROLE depeche_relayer '
                    'NOLOGIN as a superuser, then run "depeche migrate" again', current_user;
        END;
    END IF;
    IF to_regrole('depeche_relayer') IS NOT NULL THEN
        GRANT USAGE ON SCHEMA news, depeche TO depeche_relayer;
        GRANT SELECT ON ALL TABLES IN SCHEMA news TO depeche_relayer;
        GRANT SELECT, INSERT, UPDATE ON depeche.relays TO depeche_relayer;
    END IF;
    IF to_regrole('depeche_writer') IS NOT NULL THEN
        REVOKE INSERT, UPDATE ON depeche.relays FROM depeche_writer;
    END IF;
END $$;
