# shellcheck shell=bash
# The cases, one function and one file each, in the order of recording: what a workload receives comes
# before what it sends on.

bodies=$here/bodies
clients=$here/clients

all_cases() {
    declare -F | awk '$3 ~ /^case-/ { print substr($3, 6) }' | sort
}

curl_json() {
    local workload=$1 body=$2
    shift 2
    run "$workload" curl -sS --fail -o /dev/null --max-time 10 -H 'Content-Type: application/json' \
        -H 'Authorization: Bearer example' --data-binary "@$bodies/$body" "$@"
}

python_client() {
    local workload=$1
    shift
    run "$workload" python3 "$clients/client.py" "$@"
}

node_client() {
    local workload=$1
    shift
    run "$workload" node "$clients/client.mjs" "$@"
}

go_client() {
    local workload=$1 body=$2
    shift 2
    run "$workload" "$work/goclient" -body "$bodies/$body" "$@"
}

# ech_of NAME: asks the DNS for the HTTPS record, as browsers do, and gives its ECH configuration.
ech_of() {
    local host=$2 answer
    run "$1" sh -c "dig +short $host HTTPS >'$work/https.txt'"
    answer=$(<"$work/https.txt")
    answer=${answer#*ech=}
    echo "${answer%% *}"
}

# --- what the workloads come to hold -------------------------------------------------------------------

# Several requests on one connection; answers plain, in chunks and compressed.
case-01-own-store() {
    open_pcapng
    python_client crm-sync http://store.internal.example:8080/customers \
        http://store.internal.example:8080/customers/export http://store.internal.example:8080/customers
    python_client crm-sync --accept-gzip http://store.internal.example:8080/customers
    close_pcapng
}

case-02-inbound-form() {
    open_pcapng
    run servers curl -sS --fail -o /dev/null --max-time 10 --interface 203.0.113.130 -H 'Host: forms.example.org' \
        --data-binary "@$bodies/enquiry.form" http://192.0.2.16:8080/enquiry
    close_pcapng
}

# --- the sub-processors --------------------------------------------------------------------------------

case-03-highlevel-http2() {
    open_pcapng
    curl_json crm-sync contact.json --http2 https://services.leadconnectorhq.com/contacts/
    close_pcapng
}

case-04-highlevel-ipv6() {
    with_ipv6 crm-sync 10
    open_pcapng
    curl_json crm-sync contact.json --http2 -6 https://services.leadconnectorhq.com/contacts/
    close_pcapng
    without_ipv6 crm-sync 10
}

case-05-whatsapp-cname() {
    open_pcapng
    node_client chatbot https://graph.facebook.com/v21.0/100000000000001/messages "$bodies/whatsapp.json"
    close_pcapng
}

case-06-twilio-us() {
    open_pcap --time-stamp-precision=nano
    python_client telephony --tls 1.2 --form --body "$bodies/sms.form" \
        https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json
    close_pcap
}

case-07-twilio-eu() {
    open_pcapng
    python_client telephony --form --body "$bodies/sms.form" \
        https://api.dublin.ie1.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json
    close_pcapng
}

case-08-voice-eu() {
    open_pcapng
    go_client telephony call.json https://api.eu.synthflow.ai/v2/calls
    close_pcapng
}

case-09-openai-edge() {
    open_pcapng
    go_client ai-gateway chat.json https://api.openai.com/v1/chat/completions
    close_pcapng
}

case-10-openai-eu() {
    open_pcapng
    curl_json ai-gateway chat.json --http1.1 https://eu.api.openai.com/v1/chat/completions
    close_pcapng
}

case-11-anthropic() {
    open_pcapng
    python_client ai-gateway --body "$bodies/summary.json" https://api.anthropic.com/v1/messages
    close_pcapng "$work/done.pcapng"
    zstd -q -19 -f "$work/done.pcapng" -o "$captures/$current.pcapng.zst"
}

case-12-gemini() {
    open_pcapng
    node_client ai-gateway --http2 \
        'https://generativelanguage.googleapis.com/v1beta/models/gemini-flash:streamGenerateContent?alt=sse' \
        "$bodies/generate.json"
    close_pcapng
}

case-13-gemini-eu() {
    open_pcapng
    curl_json ai-gateway generate.json --http2 \
        https://aiplatform.eu.rep.googleapis.com/v1/projects/p1/locations/eu/publishers/google/models/gemini-flash:generateContent
    close_pcapng
}

# --- the ways to fail ----------------------------------------------------------------------------------

case-14-middleware-not-activated() {
    open_pcapng
    node_client chatbot --http2 https://app.closebot.com/api/leads "$bodies/middleware.json"
    close_pcapng
}

case-15-openai-other-tenant() {
    open_pcapng
    go_client assistant chat.json -http1 https://api.openai.com/v1/chat/completions
    close_pcapng
}

case-16-voice-location-conflict() {
    open_pcapng
    go_client telephony call.json https://api.synthflow.ai/v2/calls
    close_pcapng
}

# The zone sends this one workload to an address in the United States.
case-17-openai-eu-location-conflict() {
    open_pcapng
    curl_json ai-batch chat.json --http2 https://eu.api.openai.com/v1/chat/completions
    close_pcapng
}

# Two requests on one connection, personal data in the body and in the query.
case-18-unregistered-plaintext() {
    open_pcapng
    python_client marketing --body "$bodies/event.json" http://metrics.trackwell.example/collect \
        'http://metrics.trackwell.example/pixel?email=erika.musterfrau%40example.org&page=kontakt'
    close_pcapng
}

case-19-unregistered-gzip() {
    open_pcap
    python_client marketing --gzip --body "$bodies/export.json" http://metrics.trackwell.example/import
    close_tap
    gzip -9 -n <"$work/tap.pcap" >"$captures/$current.pcap.gz"
}

# The frames are cut as on a cable, so that body and values are spread over segments.
case-20-unregistered-chunked() {
    offloads marketing off
    open_pcapng
    node_client marketing --chunked http://metrics.trackwell.example/import "$bodies/export.json"
    close_pcapng
    offloads marketing on
}

# The body is larger than a segment: the kernel hands frames of several kilobytes over.
case-21-unregistered-tls() {
    open_pcapng
    curl_json intake export.json --http2 https://metrics.trackwell.example/collect
    close_pcapng
}

case-22-highlevel-plaintext() {
    open_pcap
    curl_json legacy-export contact.json http://services.leadconnectorhq.com/contacts/
    close_pcap
}

case-23-payment-card-json() {
    open_pcapng
    node_client checkout http://services.leadconnectorhq.com/payments/ "$bodies/payment.json"
    close_pcapng
}

case-24-payment-card-form() {
    open_pcapng
    python_client checkout --form --body "$bodies/payment.form" http://services.leadconnectorhq.com/payments/
    close_pcapng
}

case-25-tls10() {
    open_pcapng
    curl_json fax-bridge contact.json --http1.1 --tlsv1.0 --tls-max 1.0 --ciphers DEFAULT@SECLEVEL=0 \
        https://services.leadconnectorhq.com/contacts/
    close_pcapng
}

case-26-tls11() {
    open_pcapng
    python_client label-printer --tls 1.1 --body "$bodies/contact.json" https://services.leadconnectorhq.com/contacts/
    close_pcapng
}

case-27-ech-with-dns() {
    local ech
    open_pcapng
    ech=$(ech_of ai-private api.openai.com)
    go_client ai-private chat.json -ech "$ech" https://api.openai.com/v1/chat/completions
    close_pcapng
}

# The address is configured, the configuration is learned beforehand: nothing names the service.
case-28-ech-without-dns() {
    local ech
    ech=$(awk '$1 == "api.openai.com" { print $2 }' "$work/ech")
    open_pcapng
    go_client ai-pinned chat.json -ech "$ech" -address 203.0.113.2:443 https://api.openai.com/v1/chat/completions
    close_pcapng
}

# The outer name is the true one, as in the GREASE that browsers send. The hello is cut into two segments.
case-29-ech-same-name() {
    local ech
    offloads ai-gateway off
    open_pcapng
    ech=$(ech_of ai-gateway api.anthropic.com)
    go_client ai-gateway summary.json -ech "$ech" https://api.anthropic.com/v1/messages
    close_pcapng
    offloads ai-gateway on
}

# --- forms of packets and files ------------------------------------------------------------------------

case-30-dns-over-tcp() {
    open_pcapng
    resolver=use-vc curl_json crm-sync contact.json --http1.1 https://services.leadconnectorhq.com/contacts/
    close_pcapng
}

# Truncated over UDP and asked again over TCP; then in one datagram of two fragments.
case-31-dns-truncated-and-fragmented() {
    open_pcapng
    run node-probe dig +noedns large.example TXT
    run node-probe dig +bufsize=4096 +ignore large.example TXT
    close_pcapng
}

case-32-ping() {
    open_pcapng
    run node-probe ping -q -c 2 -i 0.2 203.0.113.114
    run node-probe ping -q -c 1 -s 3000 203.0.113.114
    close_pcapng
}

case-33-snaplen-96() {
    open_pcapng -s 96
    curl_json crm-sync contact.json --http1.1 https://services.leadconnectorhq.com/contacts/
    close_pcapng
}

case-34-cooked-sll2() {
    open_cooked chatbot LINUX_SLL2
    node_client chatbot https://graph.facebook.com/v21.0/100000000000001/messages "$bodies/whatsapp.json"
    close_pcap
}

case-35-cooked-sll() {
    open_cooked telephony LINUX_SLL
    go_client telephony call.json -http1 https://api.eu.synthflow.ai/v2/calls
    close_pcap
}

# One file, three interfaces: the bridge's ports towards the workloads.
case-36-several-interfaces() {
    open_tap "$(ns wire)" dumpcap -q -f "$filter" -i crm-sync -i chatbot -i telephony -w "$work/tap.pcapng"
    curl_json crm-sync contact.json --http2 https://services.leadconnectorhq.com/contacts/
    node_client chatbot https://graph.facebook.com/v21.0/100000000000001/messages "$bodies/whatsapp.json"
    python_client telephony --form --body "$bodies/sms.form" \
        https://api.dublin.ie1.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json
    close_pcapng
}

# A client that is given an address sends no SNI; the lookup before it names the service.
case-37-no-sni() {
    open_pcapng
    run telephony dig api.twilio.com A
    run telephony curl -sS -k -o /dev/null --max-time 10 -d "@$bodies/sms.form" https://198.51.100.50/
    close_pcapng
}

# Two names were looked up for one address, and the connection says neither.
case-38-ambiguous-names() {
    open_pcapng
    run node-probe dig api.twilio.com A
    run node-probe dig status.trackwell.example A
    run node-probe curl -sS -k -o /dev/null --max-time 10 https://198.51.100.50/
    close_pcapng
}
