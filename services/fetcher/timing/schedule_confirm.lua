-- Makes leased sources, whose requests the ledger now has, due again after their intervals. A source whose visit has
-- ended already keeps the due time that the end of the visit set.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the end of the lease (ms)
-- ARGV[i]  from 2 on: the sources
-- Returns  nothing

for i = 2, #ARGV do
  local f = redis.call('HMGET', SOURCE .. ARGV[i], 'claimed_at', 'wait')
  if f[2] and tonumber(redis.call('ZSCORE', SOURCES, ARGV[i]) or 0) == tonumber(ARGV[1]) then
    source_due(ARGV[i], (f[1] + f[2]) * 1000)
  end
end
