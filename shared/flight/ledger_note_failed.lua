-- Counts the failures of pages, so that headlines lead there again only after a while. Failed revisits are not counted,
-- since the story has been read already.
--
-- KEYS     none; prelude.lua says why
-- ARGV     the flights that are about to land as failed
-- Returns  nothing
-- Constant of ledger.py: FAILED_KEPT_S

for _, id in ipairs(ARGV) do
  local key, again = unpack(redis.call('HMGET', FLIGHT .. id, 'key', 'again'))
  if key and again ~= '1' then
    redis.call('HINCRBY', FAILED .. key, 'times', 1)
    redis.call('HSET', FAILED .. key, 'at', now)
    redis.call('EXPIRE', FAILED .. key, FAILED_KEPT_S)
  end
end
