-- Shared by the scripts that end a fetch.

-- Whether the lease of a page is still this token's.
local function leased(page_id, token)
  return redis.call('ZSCORE', 'copydesk:frontier:leases', page_id) ~= false
    and redis.call('HGET', 'copydesk:page:' .. page_id, 'lease') == token
end

-- The request is over: the host rests for its delay, then its next page may be asked for.
local function release_slot(host, token, now, delay)
  local slot = 'copydesk:slot:' .. host
  if redis.call('GET', slot) == token then
    if delay > 0 then
      redis.call('SET', slot, '', 'PX', math.ceil(delay * 1000))
    else
      redis.call('DEL', slot)
    end
    redis.call('ZADD', 'copydesk:frontier:hosts', 'XX', now + delay, host)
  end
end
