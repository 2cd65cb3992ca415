#!/bin/sh
# Authorities behind TLS and behind proxies, on loopback; and that what stands in their URLs is never said.
. tests/job/home.sh

for tool in openssl python3; do
    command -v $tool >/dev/null || { skip test_seal_network "$tool is not installed"; exit 0; }
done
authority=$(pwd)/tests/job/authority.py
python3 "$authority" make "$scratch/tsa" || exit 1
python3 "$authority" serve "$scratch/tsa" >"$scratch/port" &
plain=$!
python3 "$authority" serve "$scratch/tsa" tls >"$scratch/tls-port" &
secure=$!
trap 'kill $plain $secure 2>/dev/null; rm -rf "$scratch"' EXIT
tries=0
while { [ ! -s "$scratch/port" ] || [ ! -s "$scratch/tls-port" ]; } && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
if [ ! -s "$scratch/port" ] || [ ! -s "$scratch/tls-port" ]; then
    skip test_seal_network "no server on loopback"
    exit 0
fi
port=$(cat "$scratch/port") tls_port=$(cat "$scratch/tls-port")

day=$(date -u +%Y-%m-%dT%H:%M:%SZ)
today() { "$program" -C "$home" --now "$day" "$@"; }
# with LINE...: the lines of [seal]
with() {
    sed -i '/^\[seal\]/,$d' "$home/trialseal.conf"
    printf '%s\n' '[seal]' 'timeout = 5' "$@" >>"$home/trialseal.conf"
}
new_home "$home" && cp "$scratch/tsa/root.pem" "$home/tsa.pem" || exit 1
asked() { grep -c "$1" "$scratch/tsa/seen"; }

# --- proxies ---

with "authority = http://tsa.invalid/" "proxy = http://127.0.0.1:1"
expect proxy__that_is_down says 'onnect' today seal S1
with "authority = http://tsa.invalid/" "proxy = http://127.0.0.1:$port"
expect proxy__carries_the_question ends 0 today seal renew S1
expect proxy__was_asked_for_the_whole_URL same "$(asked '^POST http://tsa.invalid/ ')" 1
with "authority = http://tsa.invalid/" "proxy = http://clerk:opensesame@127.0.0.1:$port"
expect proxy__gets_its_password ends 0 today seal renew S1
expect proxy__got_its_password same "$(asked "Basic $(printf clerk:opensesame | base64)")" 1

# --- passwords of authorities: keys/netrc ---

printf 'machine 127.0.0.1 login clerk password opensesame\nmachine other.invalid login x password y\n' >"$home/keys/netrc"
chmod 600 "$home/keys/netrc"
with "authority = http://127.0.0.1:$port/"
before=$(asked "Basic $(printf clerk:opensesame | base64)")
expect netrc__is_read_for_that_host ends 0 today seal renew S1
expect netrc__gave_the_password same "$(asked "Basic $(printf clerk:opensesame | base64)")" $((before + 1))
printf 'machine other.invalid login x password y\n' >"$home/keys/netrc"
with "authority = http://127.0.0.1:$port/plain"
expect netrc__is_not_read_for_another_host ends 0 today seal renew S1
expect netrc__gave_no_password same "$(asked '^POST /plain HTTP/1.1 $')" 1
chmod 644 "$home/keys/netrc"
expect netrc__that_others_can_read_is_refused says 'it must be ours alone' today seal renew S1
expect netrc__that_others_can_read_stops_the_seals_of_a_night ends 2 today run
expect netrc__that_others_can_read_is_told says 'keys/netrc: a secret file can be read by others' today status
rm "$home/keys/netrc" && mkdir "$home/keys/netrc"
expect netrc__that_is_a_folder_is_refused says 'is not a regular file' today seal renew S1
rmdir "$home/keys/netrc"

# --- TLS: who answers is checked against the machine's roots, and the token against tsa.pem ---

with "authority = https://127.0.0.1:$tls_port/"
expect tls__refuses_a_certificate_that_nobody_knows says 'SSL peer certificate' today seal renew S1
with "authority = https://127.0.0.1:$tls_port/" "proxy = http://127.0.0.1:$port"
expect tls__refuses_it_behind_a_proxy_too says 'SSL peer certificate' today seal renew S1
expect tls__goes_through_a_tunnel same "$(asked "^CONNECT 127.0.0.1:$tls_port ")" 1

# knowing COMMAND...: where the machine knows the authority's root, in a mount name space of its own
bundle=$(curl-config --ca 2>/dev/null)
bundle=${bundle:-/etc/ssl/certs/ca-certificates.crt}
knowing() {
    ROOT=$scratch/tsa/root.pem BUNDLE=$bundle unshare -rm sh -c 'mount --bind "$ROOT" "$BUNDLE" && exec "$@"' sh "$@"
}
# A user name space makes other users' files of the home nobody's; there must be none.
if [ -f "$bundle" ] && knowing true 2>/dev/null; then
    with "authority = https://127.0.0.1:$tls_port/"
    expect tls__takes_one_that_the_machine_knows ends 0 knowing "$program" -C "$home" --now "$day" seal renew S1
    with "authority = https://localhost:$tls_port/"
    expect tls__refuses_another_name says 'SSL peer certificate' knowing "$program" -C "$home" --now "$day" seal renew S1
    with "authority = https://127.0.0.1:$tls_port/" "proxy = http://127.0.0.1:$port"
    expect tls__works_through_a_tunnel ends 0 knowing "$program" -C "$home" --now "$day" seal renew S1
else
    skip tls__takes_one_that_the_machine_knows "no mount name spaces here"
fi

# --- what stands in a URL is never said ---

# tells_nothing COMMAND...: it says seal-pending, and neither password nor token
tells_nothing() {
    says seal-pending "$@" || return 1
    ! grep -E 'opensesame|hidden' "$scratch/said"
}
secret="clerk:opensesame@127.0.0.1"
for way in garbage refuse denied other; do
    with "authority = http://$secret:$port/$way?token=hidden"
    expect "password__is_not_said_when_the_authority_does_$way" tells_nothing today seal renew S1
    expect "password__is_not_in_the_JSON_when_it_does_$way" tells_nothing today --json seal renew S1
done
expect password__the_host_is_said grep -q "http://127.0.0.1:$port" "$scratch/said"
with "authority = http://$secret:1/?token=hidden"
expect password__is_not_said_of_a_closed_port tells_nothing today seal renew S1
with "authority = http://127.0.0.1:1/" "crl = http://$secret:1/ca.crl?token=hidden"
expect password__is_not_said_of_a_CRL tells_nothing today seal renew S1
expect password__the_CRLs_host_is_said grep -q 'http://127.0.0.1:1: ' "$scratch/said"
with "authority = http://127.0.0.1:$port/refuse" "crl = http://$secret:$port/?token=hidden"
expect password__is_not_said_of_a_CRL_that_is_none tells_nothing today seal renew S1
with "authority = http://tsa.invalid/" "proxy = http://$secret:1"
expect password__is_not_said_of_a_proxy tells_nothing today seal renew S1
with "authority = ftp://$secret/"
expect password__is_not_said_of_a_wrong_line sh -c "! '$program' -C '$home' status 2>&1 | grep opensesame"
with "authority = http://127.0.0.1:1/"
expect password__by_hand_is_not_said tells_nothing today seal renew --authority "http://$secret:1/?token=hidden" --trust "$scratch/tsa/root.pem" S1
