#!/bin/bash
# A stock dockerd as a host of its own: network, mount, uts, ipc and pid namespaces, own /run, /var/lib/docker and cgroup parent,
# joined by a veth pair to the namespace that this is called from, or to a bridge in another one.
#
#   stock-engine.sh up   DIR NAME OUTER INNER   start; addresses OUTER/24 (here) and INNER/24 (the engine's eth0); busybox loaded
#   stock-engine.sh up   DIR NAME NETNS:BRIDGE INNER    the same, on a bridge in the network namespace of that path
#   stock-engine.sh down DIR NAME               end it, by pid; remove namespaces, link, cgroups, data
#
# NAME: at most 8 characters, unique on the machine. The engine's socket is DIR/run/docker.sock, its log DIR/dockerd.log.
set -u
D=$2 NAME=$3
alive() { [ -n "${1:-}" ] && kill -0 "$1" 2>/dev/null; }
rd() { cat "$1" 2>/dev/null || true; }
die() { echo "stock-engine: $*" >&2; exit 1; }
wait_gone() { local p=$1 k; for k in $(seq 200); do alive "$p" || return 0; sleep 0.05; done; return 1; }

down() {
  local p
  p=$(rd "$D/dockerd.pid"); alive "$p" && { kill -TERM "$p"; wait_gone "$p" || kill -KILL "$p"; }
  p=$(rd "$D/init.pid"); alive "$p" && { kill -KILL "$p"; wait_gone "$p"; }
  p=$(rd "$D/unshare.pid"); [ -n "$p" ] && wait_gone "$p"
  ip link del "$NAME-o" 2>/dev/null
  ip netns del "$NAME" 2>/dev/null
  for c in /sys/fs/cgroup/*/"$NAME" /sys/fs/cgroup/"$NAME"; do [ -d "$c" ] && find "$c" -depth -type d -exec rmdir {} + 2>/dev/null; done
  rm -rf "$D"
}

up() {
  local outer=$1 inner=$2 k c f
  mkdir -p "$D"/{run/home,run/lock,data,etcdocker} /var/lib/docker /etc/docker
  ip netns add "$NAME" || die "no namespace"
  ip -n "$NAME" link set lo up
  ip link add "$NAME-o" type veth peer name eth0 netns "$NAME"
  case $outer in
  *:*) # netns: a file that is bound to the namespace; ip(8) knows names and processes only
    nsenter --net="${outer%:*}" sleep 3600 & local inside=$!
    for k in $(seq 100); do [ "$(readlink "/proc/$inside/ns/net")" != "$(readlink /proc/self/ns/net)" ] && break; sleep 0.02; done
    ip link set "$NAME-o" netns "$inside" && kill "$inside"
    nsenter --net="${outer%:*}" ip link set "$NAME-o" master "${outer##*:}" up || die "no link to ${outer##*:}";;
  *)
    ip addr add "$outer/24" dev "$NAME-o"
    ip link set "$NAME-o" up;;
  esac
  ip -n "$NAME" addr add "$inner/24" dev eth0
  ip -n "$NAME" link set eth0 up
  # Questions to the outside fail at once instead of waiting for a timeout.
  ip -n "$NAME" route add unreachable default
  echo "$NAME" > "$D/hostname"
  cat > "$D/init.sh" <<INIT
#!/bin/bash
set -e
mount --make-rprivate /
hostname $NAME
mkdir -p $D/cg; mount --rbind /sys/fs/cgroup $D/cg
umount -l /sys; mount -t sysfs sysfs /sys
mount --rbind $D/cg /sys/fs/cgroup; umount -l $D/cg
mount --bind $D/data /var/lib/docker
mount --bind $D/etcdocker /etc/docker
mount --bind $D/run /run
mount -t proc proc /proc
touch /run/booted
cd /; exec sleep 3600
INIT
  ( cd /; exec setsid nsenter --net="/run/netns/$NAME" unshare --mount --uts --ipc --pid --fork --kill-child=KILL \
      bash "$D/init.sh" >"$D/init.log" 2>&1 </dev/null ) &
  local unshared=$!; echo $unshared > "$D/unshare.pid"
  for k in $(seq 200); do [ -e "$D/run/booted" ] && break; alive $unshared || { cat "$D/init.log" >&2; die "the host did not boot"; }; sleep 0.05; done
  pgrep -P $unshared | head -1 > "$D/init.pid"
  for c in /sys/fs/cgroup/*/; do mkdir -p "$c$NAME" 2>/dev/null; done
  for f in cpuset.cpus cpuset.mems; do
    [ -e /sys/fs/cgroup/cpuset/$f ] && cat /sys/fs/cgroup/cpuset/$f > "/sys/fs/cgroup/cpuset/$NAME/$f"
  done 2>/dev/null
  ( cd /; exec setsid nsenter -t "$(rd "$D/init.pid")" -m -u -i -n -p -- env -i HOME=/run/home \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      dockerd --cgroup-parent "/$NAME" >"$D/dockerd.log" 2>&1 </dev/null ) &
  local entered=$!
  for k in $(seq 100); do pgrep -P $entered >/dev/null && break; sleep 0.05; done
  pgrep -P $entered | head -1 > "$D/dockerd.pid"
  for k in $(seq 1200); do
    [ "$(curl -s -m 2 --unix-socket "$D/run/docker.sock" http://d/_ping 2>/dev/null)" = OK ] && break
    alive "$(rd "$D/dockerd.pid")" || { tail -5 "$D/dockerd.log" >&2; die "dockerd ended"; }
    sleep 0.05
  done
  local T; T=$(mktemp -d); mkdir -p "$T/bin"; cp "$(readlink -f "$(command -v busybox)")" "$T/bin/busybox"
  mkdir -p "$T/var/www" "$T/tmp"
  for f in sh echo sleep cat hostname httpd ip nslookup timeout wget; do ln -s busybox "$T/bin/$f"; done
  tar -C "$T" -c . | curl -s --unix-socket "$D/run/docker.sock" -X POST --data-binary @- -H 'Content-Type: application/x-tar' \
    'http://d/images/create?fromSrc=-&repo=busybox&tag=latest' >/dev/null
  rm -rf "$T"
}

case "$1" in
up) down; up "$4" "$5";;
down) down;;
*) sed -n '2,9p' "$0"; exit 2;;
esac
