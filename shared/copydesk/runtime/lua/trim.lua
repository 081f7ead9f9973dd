-- Drop what all live groups have had. Runs after emit.lua.
-- ARGV: stream, id of the first entry that one of them has not had (empty: they have had all), entries that stay, most that go
-- Returns how many went, and how many groups missed some of them: dead ones.
local surplus = math.min(tonumber(ARGV[4]), redis.call('XLEN', ARGV[1]) - tonumber(ARGV[3]))
if surplus <= 0 then
  return {0, 0}
end
return {shorten(ARGV[1], surplus, ARGV[2] ~= '' and ARGV[2] or nil)}
