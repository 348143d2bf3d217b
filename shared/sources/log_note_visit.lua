-- Records how a visit to a source has ended, and when the next one is due. Only the first report of a flight counts,
-- and only for a source that is on the schedule.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the source
-- ARGV[2]  the flight
-- ARGV[3]  the change of pending stories
-- ARGV[4]  how many stories were new
-- ARGV[5]  seconds from this visit to the next
-- ARGV[i]  from 6 on: fields of the source's hash, each followed by its value
-- Returns  1 if the visit counts, else 0

local key = SOURCE .. ARGV[1]
if redis.call('EXISTS', key) == 0 or redis.call('HGET', key, 'flight') == ARGV[2] then return 0 end
redis.call('HINCRBY', key, 'visits', 1)
redis.call('HINCRBY', key, 'pending', ARGV[3])
redis.call('HINCRBY', key, 'stories', ARGV[4])
redis.call('HSET', key, 'flight', ARGV[2], 'wait', ARGV[5], 'last_at', now / 1000, unpack(ARGV, 6))
local claimed = tonumber(redis.call('HGET', key, 'claimed_at') or now / 1000)
if redis.call('ZSCORE', SOURCES, ARGV[1]) then source_due(ARGV[1], (claimed + ARGV[5]) * 1000) end
return 1
