-- Finds a stage's lost flights, and marks each as published again now.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the stage
-- ARGV[2]  the stage's limit (ms)
-- ARGV[3]  how many to find at most
-- Returns  {now, [{flight, record, how often it has been lost}]}

local taken = tonumber(redis.call('HGET', TAKEN, ARGV[1]) or 0)
if redis.call('LLEN', QUEUE .. ARGV[1]) == 0 then taken = now end
local ids = redis.call('ZRANGEBYSCORE', STAGE .. ARGV[1], '-inf', taken - tonumber(ARGV[2]), 'LIMIT', 0, ARGV[3])
local out = {}
for _, id in ipairs(ids) do
  local record = redis.call('HGET', FLIGHT .. id, 'record')
  if record then
    redis.call('HSET', FLIGHT .. id, 'published_at', now)
    redis.call('ZADD', STAGE .. ARGV[1], now, id)
    out[#out + 1] = {id, record, redis.call('HINCRBY', FLIGHT .. id, 'losses', 1)}
  else redis.call('ZREM', STAGE .. ARGV[1], id) end  -- an operator deleted the flight by hand
end
return {now, out}
