"""What schema news has, by questions to the database."""

VIEWS = """
SELECT relname, coalesce(obj_description(oid, 'pg_class'), '')
FROM pg_class WHERE relnamespace = 'news'::regnamespace AND relkind IN ('v', 'm', 'r') ORDER BY relname
"""
COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), coalesce(col_description(attrelid, attnum), '')
FROM pg_attribute
WHERE attrelid = format('news.%%I', %s::text)::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""
