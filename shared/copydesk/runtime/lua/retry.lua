-- A rejected page is worked on once more, and its dead letters go; counted as taken again. Runs after slots.lua.
-- ARGV: page id, 'extract' (what is kept of it) or 'fetch', seconds until the reaper looks, host and item as JSON (for a
--       fetch), ids of its dead letters ...
-- Answers 'retried', or why not: 'in_work', 'retracted', 'not_kept', 'gone' (somebody else has retried or dropped it).
local id, page, body = ARGV[1], 'copydesk:page:' .. ARGV[1], 'copydesk:body:' .. ARGV[1]
if redis.call('TTL', page) == -1 then
  return 'in_work'
elseif redis.call('HEXISTS', 'copydesk:retracted', id) == 1 then
  return 'retracted'
elseif ARGV[2] == 'extract' and (redis.call('EXISTS', body) == 0 or redis.call('HEXISTS', page, 'ref') == 0) then
  return 'not_kept'
elseif redis.call('XDEL', 'copydesk:rejected', unpack(ARGV, 6)) == 0 then
  return 'gone'
end
redis.call('HINCRBY', 'copydesk:counts', 'fetch:taken', 1)
if ARGV[2] == 'extract' then
  redis.call('PERSIST', page)
  redis.call('PERSIST', body)
  redis.call('HDEL', page, 'outcome', 'death', 'extract_tries', 'dedup_tries')
  redis.call('HSET', page, 'owner', '')
  redis.call('ZADD', 'copydesk:stage:extract', unix() + tonumber(ARGV[3]), id)
  redis.call('HINCRBY', 'copydesk:counts', 'fetch:page', 1)
else
  redis.call('DEL', page, body)
  redis.call('HSET', page, 'item', ARGV[5], 'host', ARGV[4])
  redis.call('ZADD', 'copydesk:frontier:host:' .. ARGV[4], unix(), id)
  redis.call('ZADD', 'copydesk:frontier:hosts', 'LT', unix(), ARGV[4])
end
return 'retried'
