-- Remembers further URLs of pages that have been accepted, so that headlines no longer lead there.
--
-- KEYS     none; prelude.lua says why
-- ARGV     the url keys of these URLs
-- Returns  nothing

for _, key in ipairs(ARGV) do redis.call('ZADD', SEEN, 'NX', now, key) end
