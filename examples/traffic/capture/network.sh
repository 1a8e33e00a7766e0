# shellcheck shell=bash
# The network: a namespace for each workload and one for all servers, joined by a bridge in a third. The
# servers' namespace is the gateway of every workload, and nothing leads further.

# name=last byte of the address in 192.0.2.0/26
workloads=(
    crm-sync=10 chatbot=11 telephony=12 marketing=13 ai-gateway=14 legacy-export=15 intake=16 ai-batch=17
    checkout=18 assistant=19 fax-bridge=20 label-printer=21 ai-private=22 ai-pinned=23 node-probe=24
)

server_addresses=(
    198.51.100.2 198.51.100.5 198.51.100.34 198.51.100.50 198.51.100.66 198.51.100.82 198.51.100.98
    198.51.100.114 203.0.113.2 203.0.113.18 203.0.113.34 203.0.113.50 203.0.113.66 203.0.113.98
    203.0.113.114 203.0.113.130
)
server_address_v6=2001:db8:100::2

ns() {
    echo "lf$$-$1"
}

# add_host NAME MAC: a namespace with eth0 on the bridge.
add_host() {
    local name=$1 mac=$2
    ip netns add "$(ns "$name")"
    ip -n "$(ns "$name")" link set lo up
    ip -n "$(ns wire)" link add "$name" type veth peer name eth0 netns "$(ns "$name")"
    # Without link-local addresses no multicast chatter strays into a recording.
    ip -n "$(ns wire)" link set "$name" addrgenmode none master bridge
    ip -n "$(ns wire)" link set "$name" up
    ip -n "$(ns "$name")" link set eth0 addrgenmode none address "$mac"
    ip -n "$(ns "$name")" link set eth0 up
}

set_up_network() {
    local entry name byte address
    ip netns add "$(ns wire)"
    ip -n "$(ns wire)" link add bridge type bridge mcast_snooping 0
    ip -n "$(ns wire)" link set bridge addrgenmode none
    ip -n "$(ns wire)" link set bridge up

    add_host servers 02:00:00:00:00:01
    for address in 192.0.2.1 192.0.2.53; do
        ip -n "$(ns servers)" address add "$address/26" dev eth0
    done
    for address in "${server_addresses[@]}"; do
        ip -n "$(ns servers)" address add "$address/32" dev lo
    done
    ip -n "$(ns servers)" address add "$server_address_v6/128" dev lo
    ip -n "$(ns servers)" address add 2001:db8:0:1::1/64 dev eth0 nodad

    for entry in "${workloads[@]}"; do
        name=${entry%=*} byte=${entry#*=}
        add_host "$name" "$(printf '02:00:00:00:00:%02x' "$byte")"
        ip -n "$(ns "$name")" address add "192.0.2.$byte/26" dev eth0
        ip -n "$(ns "$name")" route add default via 192.0.2.1
        mkdir -p "/etc/netns/$(ns "$name")"
        echo "nameserver 192.0.2.53" >"/etc/netns/$(ns "$name")/resolv.conf"
    done
}

# IPv6 is given to one workload for one case: else every other would prefer it.
with_ipv6() {
    local host mac
    host=$(ns "$1") mac=$(printf '02:00:00:00:00:%02x' "$2")
    ip -n "$host" address add "2001:db8:0:1::$2/64" dev eth0 nodad
    ip -n "$host" route add default via 2001:db8:0:1::1
    ip -n "$host" neighbour replace 2001:db8:0:1::1 lladdr 02:00:00:00:00:01 dev eth0
    ip -n "$(ns servers)" neighbour replace "2001:db8:0:1::$2" lladdr "$mac" dev eth0
}

without_ipv6() {
    ip -n "$(ns "$1")" address del "2001:db8:0:1::$2/64" dev eth0
}

# offloads WORKLOAD on|off: with "on" frames are as large as the kernel hands them over, with "off" as on a cable.
offloads() {
    local namespace device
    while read -r namespace device; do
        ip netns exec "$namespace" ethtool -K "$device" tso "$2" gso "$2" gro "$2" tx "$2" >/dev/null 2>&1
    done <<END
$(ns "$1") eth0
$(ns wire) $1
$(ns servers) eth0
$(ns wire) servers
END
}

take_down_network() {
    local entry
    for entry in wire servers "${workloads[@]%=*}"; do
        ip netns delete "$(ns "$entry")" 2>/dev/null || true
        rm -rf "/etc/netns/$(ns "$entry")"
    done
    rmdir /etc/netns 2>/dev/null || true
}
