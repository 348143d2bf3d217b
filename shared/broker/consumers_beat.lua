-- Records a sign of life of a consumer, and what it does.
--
-- KEYS     none; prelude.lua says why
-- ARGV[1]  the consumer
-- ARGV[2]  its stage
-- ARGV[3…] names and values of what is known of it
-- Returns  nothing

redis.call('ZADD', CONSUMERS, now, ARGV[1])
redis.call('HSET', CONSUMED, ARGV[2], now)
redis.call('HSET', CONSUMER .. ARGV[1], 'stage', ARGV[2], unpack(ARGV, 3))
