-- Removes the plans of leased revisits, which the ledger now has. A story whose next visit has been planned since then
-- keeps the new plan.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the end of the lease (ms)
-- ARGV[i]  from 2 on: the stories' url keys
-- Returns  nothing

for i = 2, #ARGV do
  if tonumber(redis.call('ZSCORE', REVISITS_DUE, ARGV[i]) or 0) == tonumber(ARGV[1]) then
    redis.call('ZREM', REVISITS_DUE, ARGV[i])
    redis.call('HDEL', REVISITS, ARGV[i])
  end
end
