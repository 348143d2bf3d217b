"""The new database: empty, with the locale, rights and settings of the one whose place it is to take."""

from psycopg import sql

from cli.restore.databases import BEING_FILLED, mark
from services.indexer.connection import Connection

# All that CREATE DATABASE takes of another one. The names of the columns differ from version to version.
LOCALE = """
SELECT format('ENCODING %%L LC_COLLATE %%L LC_CTYPE %%L', pg_encoding_to_char(encoding), datcollate, datctype)
       || CASE facts ->> 'datlocprovider'
              WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %%L',
                                   coalesce(facts ->> 'datlocale', facts ->> 'daticulocale'))
              WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %%L', facts ->> 'datlocale')
              WHEN 'c' THEN ' LOCALE_PROVIDER libc' ELSE '' END
       || coalesce(' ICU_RULES ' || quote_literal(facts ->> 'daticurules'), '')
FROM (SELECT *, to_jsonb(d) AS facts FROM pg_database AS d) AS d WHERE datname = %s
"""
# Who may do what with the database, and its settings, as the statements that give them to the new one. The value of a
# setting that is a list is quoted already.
TRAITS = """
SELECT format('REVOKE ALL ON DATABASE %%I FROM PUBLIC', %(new)s::text) FROM pg_database
WHERE datname = %(old)s AND datacl IS NOT NULL
UNION ALL
SELECT format('GRANT %%s ON DATABASE %%I TO %%s%%s', privilege_type, %(new)s::text,
              CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END,
              CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_database, aclexplode(datacl) WHERE datname = %(old)s AND grantee <> datdba
UNION ALL
SELECT format('ALTER DATABASE %%I CONNECTION LIMIT %%s', %(new)s::text, datconnlimit) FROM pg_database
WHERE datname = %(old)s AND datconnlimit > 0
UNION ALL
SELECT format('ALTER %%s SET %%I TO %%s',
              CASE setrole WHEN 0 THEN format('DATABASE %%I', %(new)s::text)
                           ELSE format('ROLE %%s IN DATABASE %%I', setrole::regrole, %(new)s::text) END,
              split_part(setting, '=', 1),
              CASE WHEN split_part(setting, '=', 1) IN ('search_path', 'temp_tablespaces', 'local_preload_libraries',
                                                        'session_preload_libraries')
                   THEN substr(setting, strpos(setting, '=') + 1)
                   ELSE quote_literal(substr(setting, strpos(setting, '=') + 1)) END)
FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase, unnest(setconfig) AS setting
WHERE datname = %(old)s
"""


def make_new(server: Connection, old: str, new: str, *, owner: str) -> None:
    """Make an empty database `new` with the traits of `old`, if there is that one."""
    row = server.execute(LOCALE, [old]).fetchone()
    locale = row[0] if row else "ENCODING 'UTF8'"
    make = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ").format(sql.Identifier(new), sql.Identifier(owner))
    server.execute(make + sql.SQL(locale))
    mark(server, new, BEING_FILLED)
    for (statement,) in server.execute(TRAITS, {"old": old, "new": new}).fetchall():
        server.execute(statement)
