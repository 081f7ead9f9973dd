-- Records of documents leave the copy index; runtime/index_layout.py has the layout. The others of their chunks stay.
-- ARGV: number of ids, ids (12 bytes each) ..., keys of chunks ...
-- Answers how many records went.
local ids, gone, wanted = tonumber(ARGV[1]), 0, {}
for n = 2, 1 + ids do
  wanted[ARGV[n]] = true
end
for n = 2 + ids, #ARGV do
  local value = redis.call('GET', ARGV[n]) or ''
  local hit = false
  for i = 2, 1 + ids do
    hit = hit or string.find(value, ARGV[i], 1, true) ~= nil
  end
  if hit then
    local kept, at, before = {}, 1, gone
    while at <= #value do
      local length = struct.unpack('<I2', value, at)
      if wanted[string.sub(value, at + 22, at + 33)] then
        gone = gone + 1
      else
        kept[#kept + 1] = string.sub(value, at, at + length - 1)
      end
      at = at + length
    end
    if #kept == 0 then
      redis.call('DEL', ARGV[n])
    elseif gone > before then
      redis.call('SET', ARGV[n], table.concat(kept), 'KEEPTTL')
    end
  end
end
return gone
