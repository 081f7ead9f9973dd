-- Make a consumer group where it is missing, behind the entry ARGV[2]. Whether it was made, and the last entry delivered to it.
local stream, group = KEYS[1], ARGV[1]
local made = redis.pcall('XGROUP', 'CREATE', stream, group, ARGV[2], 'MKSTREAM')
if made.err and not string.find(made.err, 'BUSYGROUP', 1, true) then
  return made
end
for _, info in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  local fields = {}
  for n = 1, #info, 2 do
    fields[info[n]] = info[n + 1]
  end
  if fields.name == group then
    return {made.err and 0 or 1, fields['last-delivered-id']}
  end
end
