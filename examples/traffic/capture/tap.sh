# shellcheck shell=bash
# Starting and ending a capture. The tap is the bridge's port towards the servers: each packet passes it once.

# Group reports of the kernel come when they like; all else that passes is recorded.
filter="not ip6 multicast"

# open_tap NAMESPACE COMMAND…: starts a capture and waits until it listens.
open_tap() {
    local namespace=$1
    shift
    : >"$work/tap.log"
    ip netns exec "$namespace" "$@" 2>"$work/tap.log" &
    tap=$!
    started+=("$tap")
    await "$work/tap.log" "listening on|File:"
}

# close_tap lets the last packets (acknowledgements of a close) arrive, then ends the capture.
close_tap() {
    sleep 0.4
    kill -INT "$tap"
    wait "$tap" || fail "$current: the capture failed: $(cat "$work/tap.log")"
    unset 'started[-1]'
}

# The usual form, by dumpcap; the arguments are its options.
open_pcapng() {
    open_tap "$(ns wire)" dumpcap -q -i servers -f "$filter" "$@" -w "$work/tap.pcapng"
}

# close_pcapng [FILE]: the file is named after the case unless another is given.
close_pcapng() {
    close_tap
    python3 "$here/capture/neutral.py" "$work/tap.pcapng" "$work/neutral.pcapng"
    mv "$work/neutral.pcapng" "${1:-$captures/$current.pcapng}"
}

# A classic file by tcpdump; the arguments choose its precision.
open_pcap() {
    open_tap "$(ns wire)" tcpdump -Z root --immediate-mode -n -U -i servers "$@" -w "$work/tap.pcap" "$filter"
}

# All interfaces of one workload: the kernel then gives cooked frames.
open_cooked() {
    open_tap "$(ns "$1")" tcpdump -Z root --immediate-mode -n -U -i any -y "$2" -w "$work/tap.pcap" "$filter"
}

close_pcap() {
    close_tap
    mv "$work/tap.pcap" "$captures/$current.pcap"
}
