-- A fetch brought a page: body, reference and the entry into the extract stage, in one step. Runs after slots.lua, rechecks.lua.
-- ARGV: page id, token, host, delay, slots of a host, page reference as JSON, body (zstd), seconds until the reaper looks,
--       seconds until it is looked at again (empty: never), what is compared then, its TTL, most pages that wait for it
release_slot(ARGV[3], ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[5]), 0)
if not leased(ARGV[1], ARGV[2]) then
  return 0
end
redis.call('ZREM', 'copydesk:frontier:leases', ARGV[1])
redis.call('SET', 'copydesk:body:' .. ARGV[1], ARGV[7])
redis.call('HDEL', 'copydesk:page:' .. ARGV[1], 'way', 'before')
redis.call('HSET', 'copydesk:page:' .. ARGV[1], 'ref', ARGV[6], 'owner', '')
redis.call('ZADD', 'copydesk:stage:extract', unix() + tonumber(ARGV[8]), ARGV[1])
redis.call('HINCRBY', 'copydesk:counts', 'fetch:page', 1)
recheck(ARGV[1], ARGV[9], ARGV[10], ARGV[11], ARGV[12])
return 1
