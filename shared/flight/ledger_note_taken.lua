-- Records that a message has been taken from a stage's queue. A message dated in the future counts as published now,
-- or else all messages in its queue would count as lost.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the stage
-- ARGV[2]  when the message was published (ms)
-- Returns  nothing

local newest = tonumber(redis.call('HGET', TAKEN, ARGV[1]) or 0)
local taken = math.min(now, tonumber(ARGV[2]))
if taken > newest then redis.call('HSET', TAKEN, ARGV[1], taken) end
