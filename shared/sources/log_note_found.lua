-- Records new stories of a source to which a page other than the source's own led.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the source
-- ARGV[2]  how many stories were new
-- Returns  nothing

local key = SOURCE .. ARGV[1]
if redis.call('EXISTS', key) == 0 then return end
redis.call('HINCRBY', key, 'pending', ARGV[2])
redis.call('HINCRBY', key, 'stories', ARGV[2])
