-- Tells how long the oldest page has waited in each stage's queue (ms); 0 for a queue that is empty.
--
-- Queues are first in, first out, so that a page whose message is older than the newest one taken is in a worker's hand.
-- A queue that is not empty although no page is that young has messages that came back from a lost worker, or by the door.
--
-- KEYS     none; prelude.lua says why
-- ARGV     the stages
-- Returns  {age in ms, for each stage}

local ages = {}
for i, stage in ipairs(ARGV) do
  local age = 0
  if redis.call('LLEN', QUEUE .. stage) > 0 then
    local taken = redis.call('HGET', TAKEN, stage) or '-inf'
    local oldest = redis.call('ZRANGEBYSCORE', STAGE .. stage, taken, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
    if oldest then age = math.max(0, now - tonumber(oldest)) end
  end
  ages[i] = age
end
return ages
