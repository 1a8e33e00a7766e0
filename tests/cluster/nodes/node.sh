# Run in the machine of a node: gives it the default paths of a node of its own, so that nothing is written to
# the host's.   $1 = the node's folder, $2 = its address/length, $3 = gateway
# Without -n, mount would keep a table in /run/mount of the host.
mount -n --make-rshared /
mkdir -p "$1"/{run,log,kubelet,cni,upper,work}
mount -n --bind "$1/run" /run
mkdir -p /run/containerd /run/lock
mount -n --bind "$1/log" /var/log
mount -n -t overlay overlay -o "lowerdir=/var/lib,upperdir=$1/upper,workdir=$1/work" /var/lib
mkdir -p /var/lib/kubelet /var/lib/cni
mount -n --bind "$1/kubelet" /var/lib/kubelet
mount -n --bind "$1/cni" /var/lib/cni
mount -n -t bpf bpf /sys/fs/bpf
[[ ! -d /sys/kernel/tracing ]] || mount -n -t tracefs tracefs /sys/kernel/tracing
ip address add "$2" dev eth0
ip link set eth0 up
ip route add default via "$3"
