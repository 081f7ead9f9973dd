-- Shared by every script that writes to an output stream or shortens one: no stream grows beyond its cap, and what a group
-- has not had does not go without a marker.

local function newer_id(one, other)
  local a, b = string.match(one, '(%d+)-(%d+)')
  local c, d = string.match(other, '(%d+)-(%d+)')
  a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
  return a > c or (a == c and b > d)
end

-- Names of the groups that have not acknowledged all entries up to this one.
local function behind(stream, last)
  local names = {}
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = {}
    for n = 1, #info, 2 do
      group[info[n]] = info[n + 1]
    end
    local first_pending = group.pending > 0 and redis.call('XPENDING', stream, group.name)[2]
    if newer_id(last, group['last-delivered-id']) or (first_pending and not newer_id(first_pending, last)) then
      names[#names + 1] = group.name
    end
  end
  return names
end

-- Drop the oldest entries, down to a length ('MAXLEN') or to an id ('MINID'); how many went, and how many groups lost some.
local function shorten(stream, strategy, threshold)
  local was = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  local first = was and was[1]
  local last
  if strategy == 'MAXLEN' then
    local surplus = redis.call('XLEN', stream) - threshold
    local going = surplus > 0 and redis.call('XRANGE', stream, '-', '+', 'COUNT', surplus) or {}
    last = going[#going] and going[#going][1]
  else
    local going = redis.call('XREVRANGE', stream, '(' .. threshold, '-', 'COUNT', 1)
    last = going[1] and going[1][1]
  end
  if not last then
    return 0, 0
  end
  local groups = behind(stream, last)
  local number = redis.call('XTRIM', stream, strategy, '=', threshold)
  if #groups > 0 and number > 0 then
    local marker = {schema = 'copydesk.gap/1', id = last, verdict = 'gap', first = first, last = last, entries = number, groups = groups}
    redis.call('XADD', stream, '*', 'id', last, 'schema', 'copydesk.gap/1', 'verdict', 'gap', 'document', cjson.encode(marker))
    redis.call('HINCRBY', 'copydesk:counts', 'stream:dropped', number)
  end
  return number, #groups
end

local MOST_AT_ONCE = 100

-- Write an entry (a list of fields and values). At the cap the oldest go, a few at a time: what goes is looked at.
-- The cap is the setting's, or less where the entries are so large that delivery has lowered it.
local function emit(stream, most, entry)
  local cap = math.min(tonumber(most), tonumber(redis.call('HGET', 'copydesk:streams:caps', stream) or most))
  local length = redis.call('XLEN', stream)
  if length >= cap then
    shorten(stream, 'MAXLEN', math.max(length - MOST_AT_ONCE, cap - math.max(2, math.floor(cap / 100))))
  end
  redis.call('XADD', stream, '*', unpack(entry))
end
