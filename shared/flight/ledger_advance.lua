-- Moves flights out of a stage, to the next one or to the frontier. A flight at another stage stays there. If a flight
-- has landed already, the bytes that a second worker with the same message stored for it are removed again.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the stage that the flights leave
-- ARGV[2]  the moves, as JSON: [{id, stage, record, due_in}], with due_in in ms
-- ARGV[3]  'go' to the next stage, or 'wait' in the frontier until due_in is over
-- Returns  {now, [id of each flight that was moved]}

local moved = {}
for _, m in ipairs(cjson.decode(ARGV[2])) do
  local flight = FLIGHT .. m.id
  if redis.call('HGET', flight, 'stage') == ARGV[1] then
    redis.call('ZREM', STAGE .. ARGV[1], m.id)
    redis.call('HSET', flight, 'record', m.record, 'published_at', now, 'losses', 0)
    local f = redis.call('HMGET', flight, 'host', 'again')
    if ARGV[1] == 'fetch' then fetched(m.id, f[1]) end
    if ARGV[1] == 'waiting' then
      redis.call('ZREM', HOST .. f[1], m.id)
      redis.call('ZREM', AGAIN .. f[1], m.id)
      line_up(f[1])
    end
    if ARGV[3] == 'wait' then
      redis.call('HSET', flight, 'stage', 'waiting', 'next', m.stage)
      redis.call('ZADD', STAGE .. 'waiting', now, m.id)
      if m.stage == 'fetch' then wait(m.id, f[1], now + m.due_in, f[2] == '1')
      else redis.call('ZADD', RETRY, now + m.due_in, m.id) end
    else
      redis.call('HSET', flight, 'stage', m.stage)
      redis.call('ZADD', STAGE .. m.stage, now, m.id)
    end
    moved[#moved + 1] = m.id
  elseif redis.call('EXISTS', flight) == 0 then redis.call('DEL', PAGE .. m.id, RESULT .. m.id) end
end
return {now, moved}
