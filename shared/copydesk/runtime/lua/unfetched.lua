-- A fetch failed.
-- ARGV: page id, token, host, unix time, delay, then either
--   'retry', unix time of the next try
--   'reject', outcome, TTL of the page, bound of the stream, fields and values of the entry ...
release_slot(ARGV[3], ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[5]))
if not leased(ARGV[1], ARGV[2]) then
  return 0
end
redis.call('ZREM', 'copydesk:frontier:leases', ARGV[1])
if ARGV[6] == 'retry' then
  redis.call('ZADD', 'copydesk:frontier:host:' .. ARGV[3], ARGV[7], ARGV[1])
  redis.call('ZADD', 'copydesk:frontier:hosts', 'NX', ARGV[7], ARGV[3])
else
  redis.call('HINCRBY', 'copydesk:counts', 'fetch:' .. ARGV[7], 1)
  redis.call('EXPIRE', 'copydesk:page:' .. ARGV[1], ARGV[8])
  redis.call('XADD', 'copydesk:rejected', 'MAXLEN', '~', ARGV[9], '*', unpack(ARGV, 10))
end
return 1
