-- Shared by the scripts that move sources: a queue a host, so that a host with a thousand feeds holds up no other's.
-- Runs after life.lua.

-- The lease of a poll is its token's, and holds for one life of the server: the next may not know the items that were offered
-- under it, and to record the poll would be to never be offered them again.
local function lease_of(token)
  return token .. ' ' .. life()
end

-- Whether a poll of a source is still this token's.
local function polls(id, token)
  return redis.call('HGET', 'copydesk:sources:leases', id) == lease_of(token)
end

-- A host comes up again when its first source is due, but not before a time.
local function place_host(host, earliest)
  local first = redis.call('ZRANGE', 'copydesk:sources:due:' .. host, 0, 0, 'WITHSCORES')
  if first[1] then
    redis.call('ZADD', 'copydesk:sources:hosts', math.max(tonumber(first[2]), earliest), host)
  else
    redis.call('ZREM', 'copydesk:sources:hosts', host)
  end
end

-- Sources are counted by how they are; those that are ok are what is left.
local function set_status(id, status)
  local old = redis.call('HGET', 'copydesk:sources:status', id)
  if old == status or (not old and status == 'ok') then
    return
  end
  if old then
    redis.call('HINCRBY', 'copydesk:sources:counts', old, -1)
  end
  if status == 'ok' then
    redis.call('HDEL', 'copydesk:sources:status', id)
  else
    redis.call('HINCRBY', 'copydesk:sources:counts', status, 1)
    redis.call('HSET', 'copydesk:sources:status', id, status)
  end
end
