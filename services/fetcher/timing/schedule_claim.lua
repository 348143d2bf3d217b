-- Takes the due ones among these sources: no other tick gets them before the lease ends.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the length of the lease (ms)
-- ARGV[i]  from 2 on: the sources
-- Returns  {end of the lease (ms), [source that was due]}

local claimed, limit = {}, now + tonumber(ARGV[1])
for i = 2, #ARGV do
  local due = redis.call('ZSCORE', SOURCES, ARGV[i])
  if due and tonumber(due) <= now then
    redis.call('ZADD', SOURCES, limit, ARGV[i])
    redis.call('HSET', SOURCE .. ARGV[i], 'claimed_at', now / 1000)
    claimed[#claimed + 1] = ARGV[i]
  end
end
return {limit, claimed}
