-- A fetch brought no new page. Runs after slots.lua, rechecks.lua, emit.lua.
-- ARGV: page id, token, host, delay, slots of a host, seconds for which the server asked to be left alone, then one of
--   'back', host at which it waits, seconds until it may be asked for (negative: before all others), its way so far (or empty),
--     what is added to its tries
--   'end', outcome, TTL of the page, seconds until it is looked at again (empty: never), what is compared then, its TTL,
--     most pages that wait for it, bound of the stream and fields and values of the entry of a rejection (or nothing) ...
local id, page = ARGV[1], 'copydesk:page:' .. ARGV[1]
release_slot(ARGV[3], ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]))
if not leased(id, ARGV[2]) then
  return 0
end
redis.call('ZREM', 'copydesk:frontier:leases', id)
if ARGV[7] == 'back' then
  local host, after = ARGV[8], tonumber(ARGV[9])
  local due = after < 0 and 0 or unix() + after
  redis.call('HSET', page, 'host', host)
  if ARGV[10] == '' then
    redis.call('HDEL', page, 'way')
  else
    redis.call('HSET', page, 'way', ARGV[10])
  end
  redis.call('HINCRBY', page, 'fetch_tries', ARGV[11])
  redis.call('ZADD', 'copydesk:frontier:host:' .. host, due, id)
  redis.call('ZADD', 'copydesk:frontier:hosts', 'LT', math.max(due, unix()), host)
else
  redis.call('HINCRBY', 'copydesk:counts', 'fetch:' .. ARGV[8], 1)
  redis.call('EXPIRE', page, ARGV[9])
  if ARGV[8] == 'rejected:retracted' then
    redis.call('HDEL', page, 'item', 'way', 'before')
  end
  recheck(id, ARGV[10], ARGV[11], ARGV[12], ARGV[13])
  if ARGV[14] then
    emit('copydesk:rejected', ARGV[14], {unpack(ARGV, 15)})
  end
end
return 1
