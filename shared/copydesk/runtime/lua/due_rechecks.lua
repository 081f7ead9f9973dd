-- Pages whose time to be looked at again has come enter the frontier, unless their host has enough to do.
-- Runs after slots.lua.
-- ARGV: number, seconds by which one is put off
-- Answers how many were looked at: fewer than the number where no more are due.
local PAGES = 8
local now = unix()
local due = redis.call('ZRANGEBYSCORE', 'copydesk:rechecks', '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(due) do
  local page = 'copydesk:page:' .. id
  local record = redis.call('GET', 'copydesk:recheck:' .. id)
  local is_json, before = pcall(cjson.decode, record or '{}')
  local is_known = is_json and type(before) == 'table' and type(before.host) == 'string' and type(before.item) == 'string'
  local host = is_known and before.host or ''
  local waiting = 'copydesk:frontier:host:' .. host
  if not record then
    redis.call('ZREM', 'copydesk:rechecks', id)
  elseif not is_known then
    -- Nobody can read it: it holds up no other, and goes when it expires.
    redis.call('ZADD', 'copydesk:rechecks', now + tonumber(ARGV[2]), id)
  elseif redis.call('TTL', page) == -1 or redis.call('ZCARD', waiting) >= PAGES then
    -- Still in work, or new pages go before it.
    redis.call('ZADD', 'copydesk:rechecks', now + tonumber(ARGV[2]), id)
  else
    redis.call('ZREM', 'copydesk:rechecks', id)
    redis.call('DEL', 'copydesk:recheck:' .. id, page)
    redis.call('HSET', page, 'item', before.item, 'host', host, 'before', record)
    redis.call('ZADD', waiting, now, id)
    redis.call('ZADD', 'copydesk:frontier:hosts', 'LT', now, host)
    redis.call('HINCRBY', 'copydesk:counts', 'fetch:taken', 1)
  end
end
return #due
