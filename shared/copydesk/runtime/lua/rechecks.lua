-- Shared by the scripts that end a fetch. Runs after slots.lua.

-- A page is to be looked at again after so many seconds (empty: not), unless too many wait for that already.
local function recheck(page_id, after, record, ttl, most)
  if after == '' or redis.call('ZCARD', 'copydesk:rechecks') >= tonumber(most) then
    return
  end
  redis.call('ZADD', 'copydesk:rechecks', unix() + tonumber(after), page_id)
  redis.call('SET', 'copydesk:recheck:' .. page_id, record, 'EX', ttl)
end
