-- A page that is here already enters the extract stage as though it had been fetched. Runs after slots.lua.
-- ARGV: seconds for which an item is remembered, seconds until the reaper looks, 1: also where it was taken before,
--       then id, host, item as JSON, page reference as JSON, body (zstd)
local id = ARGV[4]
local seen, page = 'copydesk:seen:' .. id, 'copydesk:page:' .. id
-- Without a TTL it is still in work.
if redis.call('TTL', page) == -1 or (ARGV[3] == '0' and redis.call('EXISTS', seen) == 1) then
  if redis.call('EXISTS', seen) == 1 then
    redis.call('EXPIRE', seen, ARGV[1])
  end
  return 0
end
if redis.call('HEXISTS', 'copydesk:retracted', id) == 1 then
  return 0
end
redis.call('SET', seen, '1', 'EX', ARGV[1])
redis.call('DEL', page)
redis.call('HSET', page, 'item', ARGV[6], 'host', ARGV[5], 'ref', ARGV[7], 'owner', '')
redis.call('SET', 'copydesk:body:' .. id, ARGV[8])
redis.call('ZADD', 'copydesk:stage:extract', unix() + tonumber(ARGV[2]), id)
redis.call('HINCRBY', 'copydesk:counts', 'fetch:taken', 1)
redis.call('HINCRBY', 'copydesk:counts', 'fetch:page', 1)
return 1
