-- wrk with cookies: every 21st request is a new visitor's load, without a cookie; the others are its page views, with
-- the last cookie that was set. wrk's scripts cannot tell which request an answer belongs to, so with many connections
-- a page may be viewed with a neighbour's cookie: the work is the same. Status and session are checked.

local sent, cookie = 0, nil
wrong = 0 -- global, so that `done` can ask for it
local threads = {}
local load = "GET /v1/load HTTP/1.1\r\nHost: chatbox\r\n\r\n"
local page = "GET /v1/page HTTP/1.1\r\nHost: chatbox\r\nCookie: chatbox="

function setup(thread)
    table.insert(threads, thread)
end

function request()
    sent = sent + 1
    if cookie == nil or sent % 21 == 1 then
        return load
    end
    return page .. cookie .. "\r\n\r\n"
end

function response(status, headers, body)
    local set = headers["Set-Cookie"]
    if set then
        cookie = string.match(set, "^chatbox=(%x+);")
    end
    if status ~= 200 or not string.find(body, '"session":"', 1, true) then
        wrong = wrong + 1
    end
end

function done(summary, latency, requests)
    local sum = 0
    for _, thread in ipairs(threads) do
        sum = sum + thread:get("wrong")
    end
    io.write(string.format("wrong=%d\n", sum))
end
