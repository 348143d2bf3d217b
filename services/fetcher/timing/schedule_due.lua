-- Names the sources that are due, earliest first.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  how many to skip
-- ARGV[2]  how many to name at most
-- ARGV[3]  for how long they must have been due (ms)
-- Returns  [source]

return redis.call('ZRANGEBYSCORE', SOURCES, '-inf', now - tonumber(ARGV[3]), 'LIMIT', ARGV[1], ARGV[2])
