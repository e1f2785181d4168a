#!/usr/bin/env bash
# Establishes with curl, under libfaketime, what this app keeps of the policy, before any
# harness judges it. Prints a Markdown table. Loopback only; stops its own server; about 25 s.
set -uo pipefail
cd "$(dirname "$0")"
if [ -z "${BY_HAND_INNER:-}" ]; then
  BY_HAND_INNER=1 exec timeout -k 5 180 bash "$PWD/by-hand.sh" "$@"
fi

LIB=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null | head -n 1)
[ -n "$LIB" ] || { echo 'libfaketimeMT.so.1 not found (Debian: apt-get install faketime)' >&2; exit 2; }
[ -d node_modules/@fastify/session ] || { echo 'run npm ci first' >&2; exit 2; }

W=$(mktemp -d); PID=
cleanup() {
  if [ -n "$PID" ]; then
    kill "$PID" 2>/dev/null
    for _ in $(seq 30); do kill -0 "$PID" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$PID" 2>/dev/null; wait "$PID" 2>/dev/null
  fi
  rm -rf "$W"
}
trap cleanup EXIT; trap 'exit 1' INT TERM

# ---- launch ----------------------------------------------------------------------------
echo '+0' > "$W/time"
TOKEN=by-hand-token
env -u FAKETIME LD_PRELOAD="$LIB" FAKETIME_TIMESTAMP_FILE="$W/time" FAKETIME_NO_CACHE=1 \
  FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 \
  AGENT_TOKEN=$TOKEN PORT=0 node server.js > "$W/out" 2> "$W/err" &
PID=$!
for _ in $(seq 100); do grep -q '^listening' "$W/out" && break; sleep 0.1; done
URL=$(sed -n 's/^listening on //p' "$W/out")
[ -n "$URL" ] || { echo 'the server did not start:' >&2; cat "$W/err" >&2; exit 2; }

# ---- requests --------------------------------------------------------------------------
declare -A C I        # cookie value and session id of each visitor
TERM_S=15768000       # the term the app asks for: 182.5 days
STATUS= BODY= SETC= SET_LINE= TTL= DATE=
req() { # method path cookie|'' forwarded-for|'' body|'' [header]
  local a=(-s --noproxy '*' --max-time 5 -D "$W/h" -o "$W/b" -w '%{http_code}' -X "$1")
  [ -n "$3" ] && a+=(-H "Cookie: sessionId=$3")
  [ -n "$4" ] && a+=(-H "X-Forwarded-For: $4")
  [ -n "$5" ] && a+=(-H 'Content-Type: application/json' -d "$5")
  [ -n "${6:-}" ] && a+=(-H "$6")
  : > "$W/h"; : > "$W/b"
  STATUS=$(curl "${a[@]}" "$URL$2"); BODY=$(cat "$W/b")
  DATE=$(date -d "$(tr -d '\r' < "$W/h" | sed -n 's/^[Dd]ate: //p')" +%s)
  local set; set=$(tr -d '\r' < "$W/h" | sed -n 's/^[Ss]et-[Cc]ookie: //p')
  SET_LINE=$(sed 's/^sessionId=[^;]*; /sessionId; /; s/ Expires=[^;]*/ Expires/' <<< "$set")
  SETC=$(sed -n 's/^sessionId=\([^;]*\).*/\1/p' <<< "$set"); TTL=none
  if [ -n "$set" ]; then
    TTL=$(( $(date -d "$(sed -n 's/.*[Ee]xpires=\([^;]*\).*/\1/p' <<< "$set")" +%s) - DATE ))
  fi
}
ext() { # what this answer did to the cookie, loaded one minute ago
  if [ "$TTL" = none ]; then echo 'not sent'; elif full; then echo "Expires − Date = $TTL s, extended"
  else echo "Expires − Date = $TTL s"; fi
}
field() { sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p' <<< "$BODY"; }
keep() { [ -n "$SETC" ] && C[$1]=$SETC; I[$1]=$(field session); }   # as a browser would
new() { req POST "/chat/${3:-shop}/load" '' "${2:-203.0.113.7}" '{"page":"/"}'; keep "$1"; }
load() { req POST "/chat/${2:-shop}/load" "${C[$1]}" 203.0.113.7 '{"page":"/again"}'; }
page() { req POST /chat/shop/page "${C[$1]}" 203.0.113.7 '{"page":"/next"}'; }
read_() { req GET "/chat/${2:-shop}/messages" "${C[$1]}" 203.0.113.7 ''; }
say() { req POST /chat/shop/messages "${C[$1]}" 203.0.113.7 "{\"text\":\"hello of $1\"}"; }
agent() { req "$1" "/agent/sessions/${I[$2]}${3:-}" '' '' "${4:-}" "Authorization: Bearer $TOKEN"; }
has() { grep -qF "$1" <<< "$BODY"; }
full() { [ "$TTL" != none ] && [ "$TTL" -ge $((TERM_S - 2)) ] && [ "$TTL" -le $((TERM_S + 2)) ]; }
mine() { [ "$STATUS" = 200 ] && [ "$(field session)" = "${I[$1]}" ] && has "hello of $1"; }
yes() { if "$@"; then echo yes; else echo no; fi; }

ms() { date +%s%3N; }
now() { req GET /now '' '' ''; NOW=$(( $(sed 's/[^0-9]//g' <<< "$BODY") / 1000 )); }
APP_MAX=0 DATE_MAX=0 OFF=0
jump() { # offset to the real clock in whole seconds; waits until /now and Date have both moved
  local t0 want app= ; OFF=$1; t0=$(ms)
  echo "+$1" > "$W/time.new" && mv "$W/time.new" "$W/time"
  for _ in $(seq 150); do
    now; want=$(( $(date +%s) + OFF - 2 ))
    [ -z "$app" ] && [ "$NOW" -ge $want ] && app=$(( $(ms) - t0 ))
    if [ -n "$app" ] && [ "$DATE" -ge $want ]; then
      local d=$(( $(ms) - t0 ))
      [ $app -gt $APP_MAX ] && APP_MAX=$app; [ $d -gt $DATE_MAX ] && DATE_MAX=$d
      return
    fi
    sleep 0.02
  done
  echo "the jump to +$1 was not seen within its time" >&2; exit 3
}

ROWS=()
row() { ROWS+=("| \`$1\` | $2 | $4 | **$3** |"); } # clause fact verdict evidence
judge() { # clause fact keeps-if(yes/no) evidence
  if [ "$3" = yes ]; then row "$1" "$2" keeps "$4"; else row "$1" "$2" breaks "$4"; fi
}
M=60 H=3600 D=86400

# ---- the start -------------------------------------------------------------------------
new first
judge cookie.set-on-load 'cookie set on the first load' "$([ -n "$SETC" ] && echo yes)" "status $STATUS, Set-Cookie: $SET_LINE"
judge cookie.lifetime 'declared lifetime' "$(yes full)" "Expires − Date = $TTL s, $(awk "BEGIN { print $TTL / 86400 }") days"
for v in reload pageview reader sender back40 t29v t29a t32v t32a tpage tpage2 tforever; do new $v; done
for v in m31 m1d d2 d7 d30 mo5 d182 m7 e7 m13 ip1 ip10 tabs alice bob del delrace; do new $v; say $v; C[$v]=$SETC; done
new v6 2001:db8::7
new spoof '198.51.100.1, 203.0.113.9'
agent GET first; a=$(field ip); agent GET v6; b=$(field ip); agent GET spoof; c=$(field ip)
judge ip.stored "IP in the session is the forwarded one" "$([ "$a $b $c" = '203.0.113.7 2001:db8::7 203.0.113.9' ] && echo yes)" "IPv4 $a, IPv6 $b; of two hops the last, $c (agent)"
req GET /chat/shop/messages '' '' ''
row '(app)' 'reading without a cookie makes no session' "as meant" "status $STATUS, Set-Cookie: $TTL"

# isolation
read_ alice; x=$(yes mine alice); y=$(yes has 'hello of bob'); read_ bob; z=$(yes mine bob)
judge session.isolated 'two visitors' "$([ "$x$y$z" = yesnoyes ] && [ "${I[alice]}" != "${I[bob]}" ] && echo yes)" "different ids; each reads its own message: $x/$z; the other's: $y"
read_ alice blog; s1=$STATUS; n1=$(yes has 'hello of'); load alice blog; s2=$STATUS; n2=$(yes has 'hello of')
n3=$([ "$(field session)" != "${I[alice]}" ] && echo new || echo same); read_ alice; n4=$(yes mine alice)
judge session.isolated "another website, same cookie" "$([ $n1$n2$n3 = nononew ] && echo yes)" "read $s1; load $s2 with a $n3 session; A's messages seen: $n1/$n2; A's session still there: $n4"
req GET /chat/shop/messages "${I[alice]}.AAAA" '' ''; s1=$STATUS
req POST /chat/shop/load "${I[alice]}.AAAA" 203.0.113.8 '{}'
n=$([ "$(field session)" != "${I[alice]}" ] && echo new || echo "visitor A's"); old=$(yes has 'hello of')
judge session.isolated "visitor A's id with a forged signature" "$([ "$s1 $n $old" = '404 new no' ] && echo yes)" "read $s1; load: $n session, A's message: $old"

# within the visit, a minute later
jump $M
load reload; row '(unspecified)' 'load within the visit' observed "a minute after the load: $(ext)"
page pageview; p=$(ext); pf=$(yes full); read_ reader; r=$(ext); rf=$(yes full); say sender; w=$(ext); wf=$(yes full)
judge cookie.renewed-only-on-load 'page view does not extend the cookie' "$([ $pf = no ] && echo yes)" "a minute after the load: $p"
judge cookie.renewed-only-on-load 'reading messages does not extend it' "$([ $rf = no ] && echo yes)" "$r"
judge cookie.renewed-only-on-load 'sending a message does not extend it' "$([ $wf = no ] && echo yes)" "$w"
load tabs; x=$(yes mine tabs); page tabs; load tabs; y=$(yes mine tabs)
judge restore.between-pages 'load on another page' "$([ $x$y = yesyes ] && echo yes)" "same session and message on two more pages: $x/$y"

# the agent deletes
agent DELETE del; s0=$STATUS; read_ del; s1=$STATUS; agent GET del; s2=$STATUS; load del
n=$([ "$(field session)" != "${I[del]}" ] && echo new || echo same); old=$(yes has 'hello of'); agent GET del; s3=$STATUS
judge session.agent-delete 'deleted by the agent' "$([ "$s0 $s1 $s2 $n $old $s3" = '204 404 404 new no 404' ] && echo yes)" "delete $s0; at once: read $s1, agent $s2; later load: $n session, old message: $old, agent on the old id $s3"
# ... while a message of the visitor is under way (headers sent, body not yet complete)
hp=${URL#http://}; exec 3<> "/dev/tcp/${hp%:*}/${hp#*:}"
printf 'POST /chat/shop/messages HTTP/1.1\r\nHost: x\r\nCookie: sessionId=%s\r\nContent-Type: application/json\r\nContent-Length: 15\r\nConnection: close\r\n\r\n{"text":' "${C[delrace]}" >&3
sleep 0.3; agent DELETE delrace; s0=$STATUS; agent GET delrace; s1=$STATUS
printf '"late"}' >&3; s2=$(timeout 3 head -n 1 <&3 | tr -d '\r' | cut -d' ' -f2); exec 3>&-
agent GET delrace; s3=$STATUS; n=$(yes has 'hello of delrace')
judge session.agent-delete "deleted while a visitor's message is under way" "$([ "$s3" = 404 ] && echo yes)" "delete $s0, agent $s1; then the message ends with $s2, agent $s3, old message back: $n"

# the idle term of a temporary session
jump $((25 * M)); page tpage; page tpage2
jump $((29 * M)); read_ t29v; s1=$STATUS; agent GET t29a; s2=$STATUS
judge session.not-destroyed-early 'temporary session 29 min after load' "$([ "$s1 $s2" = '200 200' ] && echo yes)" "read $s1, agent $s2"
jump $((31 * M)); read_ m31; m31=$(yes mine m31)
jump $((32 * M)); read_ t32v; s1=$STATUS; n=$([ "$(field session)" = "${I[t32v]}" ] && echo same || echo other); agent GET t32a; s2=$STATUS; t32=$s2; ip=$(field ip)
judge session.destroyed-after-idle 'temporary session 32 min after load, visitor' "$([ "$s1" = 404 ] && echo yes)" "read $s1, the $n session"
judge session.destroyed-after-idle 'the same, agent (never visited since)' "$([ "$s2" = 404 ] && echo yes)" "agent $s2"
judge ip.removed-with-session 'IP of the temporary session after 32 min' "$([ -z "$ip" ] && echo yes)" "agent still sees ${ip:-nothing}"
jump $((40 * M)); load back40
judge cookie.renewed-on-load 'load after 40 min' "$(yes full)" "same session: $([ "$(field session)" = "${I[back40]}" ] && echo yes || echo no); Expires − Date = $TTL s"
jump $((50 * M)); read_ tpage; s1=$STATUS
jump $((58 * M)); agent GET tpage2; s2=$STATUS
if [ "$s1" != 200 ]; then v=breaks; elif [ "$t32" = 200 ]; then v='cannot be seen'; else v=keeps; fi
row session.access-restarts-idle 'page view at 25 min restarts the term' "$v" "read at 50 min $s1 (not destroyed too early); agent at 58 min, with no other access: $s2; but agent at 32 min with no access at all: $t32"

# days and months
jump $D; read_ m1d; x=$(yes mine m1d)
agent POST d2 /messages '{"text":"from the agent"}'
jump $((2 * D)); load d2; y=$(yes mine d2); ya=$(yes has 'from the agent')
judge restore.after-days 'load after 2 days' $y "own session and message: $y; the agent's message of day 1: $ya; Expires − Date = $TTL s"
jump $((7 * D)); load d7; y=$(yes mine d7); judge restore.after-days 'load after 7 days' $y "own session and message: $y"
jump $((30 * D)); load d30; y=$(yes mine d30); judge restore.after-days 'load after 30 days' $y "own session and message: $y"
jump $((152 * D)); load mo5; y=$(yes mine mo5); C[mo5]=$SETC
judge cookie.renewed-on-load 'load after 5 months (152 days)' "$(yes full)" "own session: $y; Expires − Date = $TTL s"
jump $((182 * D)); load d182; y=$(yes mine d182); judge restore.after-days 'load after 182 days' $y "own session and message: $y"
jump $((213 * D)); agent GET m7; x7=$(yes mine m7); agent GET tforever; t7="$STATUS, IP $(field ip)"
agent GET e7; e1=$(yes mine e7); load e7; en=$([ "$(field session)" != "${I[e7]}" ] && echo new || echo same); eo=$(yes has 'hello of'); agent GET e7; e2=$STATUS
jump $((304 * D)); load mo5; y=$(yes mine mo5)
judge cookie.renewed-on-load 'honoured: second load 5 months after the renewal' $y "own session and message at 304 days: $y"
jump $((366 * D)); agent GET ip1; i1=$(field ip)
jump $((396 * D)); agent GET m13; x13=$(yes mine m13)
judge session.permanent-with-messages 'after 31 min, 1 day (visitor)' "$([ $m31$x = yesyes ] && echo yes)" "read own message: $m31, $x"
judge session.permanent-with-messages 'after 7 and 13 months without visits (agent)' "$([ $x7$x13 = yesyes ] && echo yes)" "session and message there: $x7, $x13"
judge session.permanent-with-messages 'after 7 months, when the *expired* cookie is sent all the same' "$([ $e2 = 200 ] && echo yes)" "agent before: $e1; load: $en session, old message: $eo; agent on the old id after: $e2"
jump $((3653 * D)); agent GET ip10; i10=$(field ip); agent GET tforever; t10="$STATUS, IP $(field ip)"
judge ip.kept-for-chatters 'after 1 year and after 10 years (agent)' "$([ "$i1 $i10" = '203.0.113.7 203.0.113.7' ] && echo yes)" "$i1; $i10"
judge ip.kept-for-chatters 'after 7 months, when the expired cookie is sent all the same' "$([ $e2 = 200 ] && echo yes)" "agent on the session: $e2"
judge ip.removed-with-session 'temporary session never visited again, 7 months and 10 years' "$([ "${t7%%,*}${t10%%,*}" = 404404 ] && echo yes)" "agent: $t7; $t10"

echo '| clause | fact | observed | verdict |'
echo '|---|---|---|---|'
printf '%s\n' "${ROWS[@]}"
echo
echo "Node $(node -p process.versions.node); a jump was seen by /now after at most $APP_MAX ms, by the Date header after at most $DATE_MAX ms."
