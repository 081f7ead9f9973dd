-- Shared by the scripts that take and give back the slots of hosts and the leases of pages.
-- All times are Redis's own: the clocks of two fetchers may differ by anything.

local function unix()
  local time = redis.call('TIME')
  return tonumber(time[1]) + tonumber(time[2]) / 1000000
end

-- Whether the lease of a page is still this token's.
local function leased(page_id, token)
  return redis.call('ZSCORE', 'copydesk:frontier:leases', page_id) ~= false
    and redis.call('HGET', 'copydesk:page:' .. page_id, 'lease') == token
end

-- Seconds between two requests to a host: the setting's, or more where its robots.txt asks for more; then one at a time.
local function pace_of(host, delay, slots)
  local asked = tonumber(redis.call('GET', 'copydesk:pace:' .. host) or 0)
  return math.max(delay, asked), asked > 0 and 1 or slots
end

local function slot_key(host, n)
  return 'copydesk:slot:' .. host .. (n > 1 and '#' .. n or '')
end

-- A slot outlives its holder's last sign by the lease and the delay: whoever comes after one that died keeps the delay too.
local function slot_milliseconds(host, lease, delay)
  return math.ceil((lease + pace_of(host, delay, 1)) * 1000)
end

-- Take a slot of a host: 0, or the milliseconds until one may be free.
local function take_slot(host, token, lease, delay, slots)
  local soonest = redis.call('PTTL', 'copydesk:rest:' .. host)
  if soonest > 0 then
    return soonest
  end
  local _, most = pace_of(host, delay, slots)
  for n = 1, most do
    local left = redis.call('PTTL', slot_key(host, n))
    if left == -2 then
      redis.call('SET', slot_key(host, n), token, 'PX', slot_milliseconds(host, lease, delay))
      return 0
    end
    soonest = n == 1 and left or math.min(soonest, left)
  end
  return math.max(soonest, 1)
end

-- The request is over: the host rests for its delay, and for as long as its server asked to be left alone.
local function release_slot(host, token, delay, slots, rest)
  if rest > 0 and redis.call('PTTL', 'copydesk:rest:' .. host) < rest * 1000 then
    redis.call('SET', 'copydesk:rest:' .. host, '1', 'PX', math.ceil(rest * 1000))
  end
  local pace = pace_of(host, delay, slots)
  for n = 1, slots do
    local slot = slot_key(host, n)
    if redis.call('GET', slot) == token then
      if pace > 0 then
        redis.call('SET', slot, '', 'PX', math.ceil(pace * 1000))
      else
        redis.call('DEL', slot)
      end
      redis.call('ZADD', 'copydesk:frontier:hosts', 'XX', 'LT', unix() + math.max(pace, rest), host)
      return
    end
  end
end
