-- Makes a source due at once, unless it is due already.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the source
-- Returns  1, or 0 if the source is not on the schedule

local due = redis.call('ZSCORE', SOURCES, ARGV[1])
if not due then return 0 end
if tonumber(due) > now then redis.call('ZADD', SOURCES, now, ARGV[1]) end
return 1
