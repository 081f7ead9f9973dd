-- A fetch brought a page: body, reference and the entry into the extract stage, in one step.
-- ARGV: page id, token, host, unix time, delay, page reference as JSON, body (zstd), unix time at which the reaper looks
release_slot(ARGV[3], ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[5]))
if not leased(ARGV[1], ARGV[2]) then
  return 0
end
redis.call('ZREM', 'copydesk:frontier:leases', ARGV[1])
redis.call('SET', 'copydesk:body:' .. ARGV[1], ARGV[7])
redis.call('HSET', 'copydesk:page:' .. ARGV[1], 'ref', ARGV[6], 'owner', '')
redis.call('ZADD', 'copydesk:stage:extract', ARGV[8], ARGV[1])
redis.call('HINCRBY', 'copydesk:counts', 'fetch:page', 1)
return 1
