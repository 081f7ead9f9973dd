-- Shared by the scripts whose caller relies on what it wrote or read before: one life of the server, from its start to its end.
-- A server that starts again, or the replica that takes over, may have lost the last that its predecessor had acknowledged.
local known_life

local function life()
  known_life = known_life or string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  return known_life
end
