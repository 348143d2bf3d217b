-- Ends the pause of a source: it is due when it would be without the pause, or now if that is past.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the source
-- Returns  1, or 0 if the source was not paused

local pause = tonumber(redis.call('ZSCORE', SOURCES_PAUSED, ARGV[1]) or 0)
redis.call('ZREM', SOURCES_PAUSED, ARGV[1])
if pause <= now then return 0 end
if redis.call('ZSCORE', SOURCES, ARGV[1]) then source_due(ARGV[1], due_after_wait(ARGV[1])) end
return 1
