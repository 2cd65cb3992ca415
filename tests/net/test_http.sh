#!/bin/sh
# Servers that refuse, lie, drip and hang, on loopback.
. tests/lib.sh
command -v python3 >/dev/null || { skip test_http "python3 is not installed"; exit 0; }
ask=$O/tests/bin/http_ask
python3 tests/net/server.py >"$scratch/port" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$scratch"' EXIT
tries=0
while [ ! -s "$scratch/port" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
[ -s "$scratch/port" ] || { skip test_http "no server on loopback"; exit 0; }
at=127.0.0.1:$(cat "$scratch/port")

# says WORDS METHOD URL [MAX [SECONDS]]
says() {
    said=$(timeout 20 "$ask" "$2" "$3" "${4:-1000}" "${5:-5}")
    case $said in *"$1"*) ;; *) echo "it said: $said"; return 1 ;; esac
}
never_says() {
    said=$(timeout 20 "$ask" "$2" "$3" 1000 5)
    case $said in *"$1"*) echo "it said: $said"; return 1 ;; "bad: "*) ;; *) echo "not bad: $said"; return 1 ;; esac
}

expect http__posts says 'good question' post "http://$at/echo"
expect http__takes_an_answer_that_is_just_small_enough says 'good question' post "http://$at/echo" 8
expect http__refuses_one_byte_more says 'more than 7 bytes' post "http://$at/echo" 7
expect http__gets says 'good ' get "http://$at/type"
expect http__says_who_it_is says 'User-Agent: trialseal' get "http://$at/seen"
expect http__refuses_a_status says 'status 500' post "http://$at/status"
expect http__does_not_follow says 'where we do not go' post "http://$at/redirect"
expect http__refuses_another_type says 'is not application/timestamp-reply' post "http://$at/type"
expect http__refuses_a_type_that_begins_alike says 'is not application/timestamp-reply' post "http://$at/prefix"
expect http__takes_a_type_with_parameters says 'good ok' post "http://$at/parameter"
expect http__refuses_a_large_answer_without_length says 'more than 1000 bytes' post "http://$at/large"
expect http__refuses_a_length_that_is_large says 'bad: http://' post "http://$at/length"
expect http__refuses_an_answer_that_is_cut_off says 'bad: http://' post "http://$at/short"
expect http__refuses_headers_without_end says 'headers are longer than 65536 bytes' post "http://$at/headers"
expect http__refuses_what_is_not_http_1 says 'bad: http://' post "http://$at/old"
expect http__gives_up_one_that_hangs says 'imeout was reached' post "http://$at/hang" 1000 1
expect http__gives_up_one_that_drips says 'imeout was reached' post "http://$at/drip" 1000 2
expect http__is_refused_a_connection says "onnect" post http://127.0.0.1:1/
expect http__reads_no_files says 'bad: ' get "file://$scratch/port"
expect http__names_the_host says "bad: http://$at: it answered with status 500" get "http://user:secret@$at/status?key=hidden"
expect http__does_not_say_a_password never_says secret get "http://user:secret@$at/status?key=hidden"
expect http__does_not_say_a_path never_says hidden get "http://user:secret@$at/status?key=hidden"

export http_proxy=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1
expect http__takes_no_proxy_from_the_environment says 'good question' post "http://$at/echo"
unset http_proxy ALL_PROXY
printf 'machine 127.0.0.1 login somebody password known\n' >"$scratch/.netrc"
with_netrc() { HOME=$scratch "$ask" get "http://$at/seen" 1000 5 | grep -qi authorization; }
if with_netrc; then not_ok http__takes_no_password_from_netrc 'it sent one'; else ok http__takes_no_password_from_netrc; fi
