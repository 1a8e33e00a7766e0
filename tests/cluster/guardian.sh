# landfall-guardian FOLDER MARK CGROUP: waits for the end of standard input, then ends every process
# that carries MARK in its environment or runs in CGROUP, and removes CGROUP and FOLDER.
folder=$1 mark=$2 cgroup=$3
cat >/dev/null

shopt -s nullglob
# The environment of others' processes cannot be read, and is not meant.
marked() { grep -lzsxF "$mark" /proc/[0-9]*/environ | sed 's|/proc/\([0-9]*\)/.*|\1|'; }
own_groups() { [[ -z $cgroup ]] || for group in /sys/fs/cgroup/{,*/}"$cgroup"/; do echo "$group"; done; }
grouped() { own_groups | while read -r group; do find "$group" -name cgroup.procs -exec cat {} + 2>/dev/null; done | sort -u; }

# Until none is left: what ends may just have started another.
for _ in {1..100}; do
  left=$(marked; grouped)
  [[ -n $left ]] || break
  kill -KILL $left 2>/dev/null
  sleep 0.02
done
[[ -z $left ]] || echo "landfall-guardian: these processes do not end:" $left >&2
own_groups | while read -r group; do
  # The kernel gives a group free a moment after its last process.
  for _ in {1..50}; do
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
    [[ -d $group ]] || break
    sleep 0.02
  done
  [[ ! -d $group ]] || echo "landfall-guardian: $group is left" >&2
done
if [[ -n $LANDFALL_KEEP_CLUSTER ]]; then
  echo "landfall-guardian: kept $folder" >&2
else
  rm -rf --one-file-system "$folder"
fi
