# $1 = the cluster's group, $2 = the node: makes GROUP/NODE/system in every hierarchy. What runs in there can be
# found, and ended, whatever became of its parents.
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
  [[ -e $hierarchy/cgroup.procs ]] || continue
  [[ $hierarchy != /sys/fs/cgroup ]] || unified=1
  mkdir -p "$hierarchy/$1/$2/system"
  for group in "$1" "$1/$2" "$1/$2/system"; do
    # A group of cpusets is of no use until it is told which.
    for file in cpuset.cpus cpuset.mems; do
      [[ ! -e $hierarchy/$file || -n ${unified-} ]] || cat "$hierarchy/$file" >"$hierarchy/$group/$file"
    done
  done
  # With cgroup v2 alone each level hands its controllers down.
  for group in . "$1" "$1/$2"; do
    [[ -z ${unified-} ]] || sed 's/\([a-z_]\+\)/+\1/g' "$hierarchy/$group/cgroup.controllers" >"$hierarchy/$group/cgroup.subtree_control"
  done
  [[ -z ${unified-} ]] || break
done
