-- Removes consumers without a sign of life. What they had in hand goes back into their queues, as the last messages, so
-- that one that kills its consumers does not hold up the others. A consumer that lives after all enters itself again.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  how long ago (ms) the last sign of life of a lost consumer is at least
-- Returns  [{consumer, stage, its host, its process id, how many messages it had in hand}]

local out = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', CONSUMERS, '-inf', now - tonumber(ARGV[1]))) do
  local known = redis.call('HMGET', CONSUMER .. id, 'stage', 'host', 'pid')
  local messages = 0
  while known[1] and redis.call('LMOVE', IN_HAND .. id, QUEUE .. known[1], 'RIGHT', 'LEFT') do
    messages = messages + 1
  end
  redis.call('ZREM', CONSUMERS, id)
  redis.call('DEL', CONSUMER .. id)
  out[#out + 1] = {id, known[1] or '', known[2] or '', known[3] or '', messages}
end
return out
