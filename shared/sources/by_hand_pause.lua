-- Pauses a source: it is not due before the pause ends. A visit that the ledger has already goes on.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the source
-- ARGV[2]  for how long (ms); 0 until somebody ends the pause
-- Returns  1, or 0 if the source is not on the schedule

local due = tonumber(redis.call('ZSCORE', SOURCES, ARGV[1]) or 0)
if due == 0 then return 0 end
local before = tonumber(redis.call('ZSCORE', SOURCES_PAUSED, ARGV[1]) or 0)
if before > now then due = due_after_wait(ARGV[1]) end
redis.call('ZREMRANGEBYSCORE', SOURCES_PAUSED, '-inf', now)
local lasts = tonumber(ARGV[2])
redis.call('ZADD', SOURCES_PAUSED, lasts > 0 and now + lasts or FOREVER_MS, ARGV[1])
source_due(ARGV[1], due)
return 1
