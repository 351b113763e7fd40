-- The number of the first entry of a log that is not older than a time; found by halving, in one round trip.
-- KEYS: log (stream). ARGV: the time in microseconds since 1970. Returns 0 where the log is empty.
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not first then return 0 end
local function number(entry) return tonumber(string.match(entry[1], '^%d+')) end

-- When this entry was written, or the next one whose time can be read.
local function time_at(seq)
  while true do
    local entry = redis.call('XRANGE', KEYS[1], string.format('%.0f-0', seq), '+', 'COUNT', 1)[1]
    if not entry then return math.huge end
    local event = ''
    for i = 1, #entry[2], 2 do
      if entry[2][i] == 'event' then event = entry[2][i + 1] end -- the last one of that name is what others read
    end
    local time = string.match(event, '^{"time":(%d+)[,}]')
    if time then return tonumber(time) end
    seq = number(entry) + 1
  end
end

local low, high, wanted = number(first), number(last) + 1, tonumber(ARGV[1])
while low < high do
  local middle = math.floor((low + high) / 2)
  if time_at(middle) < wanted then low = middle + 1 else high = middle end
end
return low
