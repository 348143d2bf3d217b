-- Removes a consumer; what it has in hand goes back into its queue, as the next messages.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the consumer
-- ARGV[2]  its queue; '' if it has asked for no message yet, and so has none in hand
-- Returns  nothing

while ARGV[2] ~= '' and redis.call('LMOVE', IN_HAND .. ARGV[1], ARGV[2], 'LEFT', 'RIGHT') do end
redis.call('ZREM', CONSUMERS, ARGV[1])
redis.call('DEL', CONSUMER .. ARGV[1])
