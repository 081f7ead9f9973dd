-- How often an entry was delivered, where this consumer holds it; else nil: it was acknowledged, or another has claimed it.
local function attempts_of(stream, group, consumer, id)
  local found = redis.call('XPENDING', stream, group, id, id, 1, consumer)[1]
  return found and found[4]
end
