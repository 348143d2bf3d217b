-- Removes flights whose fate is committed, with their stored bytes. A flight that has landed before changes nothing, so
-- that the validators of a later visit stay.
--
-- KEYS     none; prelude.lua says why
-- ARGV     each flight's id, followed by what is to be remembered of its page: validators, FORGET, or '' for no change
-- Returns  nothing
-- Constants of ledger.py: FORGET, VALIDATORS_KEPT_S

for i = 1, #ARGV, 2 do
  local id, known = ARGV[i], ARGV[i + 1]
  local f = redis.call('HMGET', FLIGHT .. id, 'key', 'batch', 'stage', 'host')
  if f[1] then
    if known == FORGET then redis.call('DEL', VALIDATORS .. f[1])
    elseif known ~= '' then redis.call('SET', VALIDATORS .. f[1], known, 'EX', VALIDATORS_KEPT_S) end
    if redis.call('HGET', AIR, f[1]) == id then redis.call('HDEL', AIR, f[1]) end
    redis.call('ZREM', STAGE .. f[3], id)
    if f[3] == 'fetch' then fetched(id, f[4]) end
    if f[2] ~= '' and redis.call('DECR', BATCH .. f[2]) <= 0 then redis.call('DEL', BATCH .. f[2]) end
    redis.call('DEL', FLIGHT .. id)
  end
  redis.call('DEL', PAGE .. id, RESULT .. id)
end
