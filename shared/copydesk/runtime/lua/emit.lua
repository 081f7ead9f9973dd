-- Shared by every script that writes to an output stream or shortens one: no stream grows beyond its cap, and what a group
-- has not had does not go without a marker.

-- As text: numbers of Lua are exact up to 2^53, and parts of an id may go up to 2^64.
local function larger(a, b)
  return #a > #b or (#a == #b and a > b)
end

local function newer_id(one, other)
  local a, b = string.match(one, '(%d+)-(%d+)')
  local c, d = string.match(other, '(%d+)-(%d+)')
  return larger(a, c) or (a == c and larger(b, d))
end

-- A group's name as JSON can have it: what is no UTF-8 is written as %XX.
local function as_text(name)
  local rest = name
  for _, valid in ipairs({'[\194-\223][\128-\191]', '\224[\160-\191][\128-\191]', '[\225-\236\238\239][\128-\191][\128-\191]',
      '\237[\128-\159][\128-\191]', '\240[\144-\191][\128-\191][\128-\191]', '[\241-\243][\128-\191][\128-\191][\128-\191]',
      '\244[\128-\143][\128-\191][\128-\191]'}) do
    rest = string.gsub(rest, valid, ' ')
  end
  if not string.find(rest, '[\128-\255]') then
    return name
  end
  return (string.gsub(name, '[\128-\255]', function(byte) return string.format('%%%02X', string.byte(byte)) end))
end

-- Names of the groups that have not acknowledged all entries from one to another, the first ones of the stream.
local function behind(stream, first, last)
  local names, is_behind = {}, {}
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local group = {}
    for n = 1, #info, 2 do
      group[info[n]] = info[n + 1]
    end
    -- Not its first pending one: that may be one that was dropped long ago.
    if newer_id(last, group['last-delivered-id'])
        or (group.pending > 0 and #redis.call('XPENDING', stream, group.name, first, last, 1) > 0) then
      local name = as_text(group.name)
      is_behind[name] = true
      if #names < 100 then
        names[#names + 1] = name
      end
    end
  end
  return names, is_behind
end

-- The marker among these fields, if they are one.
local function marker_of(fields)
  local found = {}
  for n = 1, #fields, 2 do
    found[fields[n]] = fields[n + 1]
  end
  return found.verdict == 'gap' and cjson.decode(found.document) or nil
end

-- Drop the oldest entries: at most so many, and only those before an id (or nil); how many went, and how many groups lost some.
local function shorten(stream, number, before)
  local going = redis.call('XRANGE', stream, '-', before and '(' .. before or '+', 'COUNT', number)
  if #going == 0 then
    return 0, 0
  end
  local first, last = going[1][1], going[#going][1]
  local groups, is_behind = behind(stream, first, last)
  if #groups > 0 then
    local entries, since = #going, first
    -- What a marker says that goes with them, unread by one of these groups, is said by the new one.
    for _, entry in ipairs(going) do
      local old = marker_of(entry[2])
      for _, name in ipairs(old and old.groups or {}) do
        if is_behind[name] then
          entries = entries + old.entries - 1
          since = newer_id(since, old.first) and old.first or since
          break
        end
      end
    end
    local marker = {schema = 'copydesk.gap/1', id = last, verdict = 'gap', first = since, last = last, entries = entries, groups = groups}
    redis.call('XTRIM', stream, 'MAXLEN', '=', redis.call('XLEN', stream) - #going)
    redis.call('XADD', stream, '*', 'id', last, 'schema', 'copydesk.gap/1', 'verdict', 'gap', 'document', cjson.encode(marker))
    redis.call('HINCRBY', 'copydesk:counts', 'stream:dropped', #going)
    -- For the books, which are kept of the streams that are always there: names of others know no bound.
    if string.find(stream, '^copydesk:%a+$') then
      redis.call('HINCRBY', 'copydesk:counts', 'gaps:' .. stream, 1)
    end
  else
    redis.call('XTRIM', stream, 'MAXLEN', '=', redis.call('XLEN', stream) - #going)
  end
  return #going, #groups
end

local MOST_AT_ONCE = 100

-- Write an entry (a list of fields and values). At the cap the oldest go, a few at a time: what goes is looked at.
-- The cap is the setting's, or less where the entries are so large that delivery has lowered it.
local function emit(stream, most, entry)
  local cap = tonumber(most)
  cap = math.min(cap, tonumber(redis.call('HGET', 'copydesk:streams:caps', stream) or '') or cap)
  local length = redis.call('XLEN', stream)
  if length >= cap then
    shorten(stream, math.min(MOST_AT_ONCE, length - cap + math.max(2, math.floor(cap / 100))))
  end
  redis.call('XADD', stream, '*', unpack(entry))
end
