-- Makes a flight at the index stage for a record that has none.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the flight's id
-- ARGV[2]  the page's URL
-- ARGV[3]  the record
-- Returns  now, which counts as the moment of its publication

redis.call('HSET', FLIGHT .. ARGV[1], 'url', ARGV[2], 'key', ARGV[1], 'host', '', 'batch', '', 'stage', 'index',
  'record', ARGV[3], 'accepted_at', now, 'published_at', now, 'losses', 0)
redis.call('ZADD', STAGE .. 'index', now, ARGV[1])
return now
