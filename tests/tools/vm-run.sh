#!/usr/bin/env bash
# vm-run.sh - run a command as root inside a virtual machine with Debian's kernel: a test bed for what the host's kernel lacks
# (IPVS, ESP, netem, ...).
#
#   vm-run.sh [options] -- COMMAND [ARG...]
#   vm-run.sh --prepare        only fetch the kernel and build its small start file system (under /var/tmp/vm-run)
#
#   --mem SIZE        guest memory (default 1G)
#   --cpus N          number of CPUs (default 1)
#   --timeout SECS    hard limit for the whole run, boot included (default 600; exit code 124)
#   --modules "A B"   modules to load before the command (all others load on demand: request_module works)
#   --kernel-log      print the guest kernel log to stderr at the end
#   --keep            keep the run directory (printed to stderr)
#
# Needs no KVM: the processor is emulated (about ten times slower than the host); boot takes some 10 s. The guest's root is the
# host's root file system (virtiofs, rw!): the command sees the same files, writes are real. What the host changes in a file that the guest
# has already read may stay unseen. /run, /dev, /proc, /sys, /sys/fs/cgroup (pure v2) are private to the guest. The current
# directory and the environment are kept; stdin is /dev/null. stdout and stderr are forwarded separately and unmixed with kernel messages; the
# exit code is the command's. 125 = the guest did not get as far as the command; 124 = the time limit. The guest has no network but its own.
# VM_RUN_VERBOSE=1 prints the exit code and the wall time.
#
# Debian packages needed: qemu-system-x86 kmod busybox-static iproute2 procps (and an apt that can download the kernel's package).
set -u
mem=1G cpus=1 limit=600 modules= klog=0 keep=0 prepare=0
while [ $# -gt 0 ]; do case "$1" in
  --mem) mem=$2; shift 2;; --cpus) cpus=$2; shift 2;; --timeout) limit=$2; shift 2;;
  --modules) modules=$2; shift 2;; --kernel-log) klog=1; shift;; --keep) keep=1; shift;; --prepare) prepare=1; shift;;
  -h|--help) sed -n '2,/^set -u/p' "$0" | sed '$d;s/^# \{0,1\}//'; exit 0;;
  --) shift; break;; -*) echo "vm-run: unknown option $1" >&2; exit 2;; *) break;;
esac; done
[ $# -gt 0 ] || [ $prepare = 1 ] || { echo "vm-run: no command" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "vm-run: needs root (ownership of shared files)" >&2; exit 125; }
PATH=$PATH:/usr/sbin:/sbin
virtiofsd=/usr/lib/qemu/virtiofsd
for t in qemu-system-x86_64 $virtiofsd depmod modprobe ip busybox; do command -v $t >/dev/null ||
  { echo "vm-run: $t missing (Debian: qemu-system-x86 kmod iproute2 busybox-static)" >&2; exit 125; }; done

# The kernel: unpacked from its package, never installed. A complete one is a directory named after its version; several runs may race to make it.
cache=/var/tmp/vm-run
fetch_kernel() {
  local work package version
  work=$(mktemp -d "$cache/new.XXXXXX") || return 1
  (
    cd "$work" || exit 1
    # The virtual package's dependency names the real one.
    name() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\).*/\1/p' | head -1; }
    package=$(name); [ -n "$package" ] && apt-get download -qq "$package" 2>/dev/null || { apt-get update -qq && package=$(name) && apt-get download -qq "$package"; } || exit 1
    dpkg -x ./*.deb x && rm -f ./*.deb || exit 1
    version=$(ls x/lib/modules) && cp "x/boot/vmlinuz-$version" vmlinuz && mv x/lib . && rm -rf x && depmod -b . "$version" || exit 1
    mkdir -p start/bin start/m start/new start/proc start/dev && cp "$(command -v busybox)" start/bin/ && ln -s busybox start/bin/sh
    local n=10 module
    for module in $(modprobe -d . -S "$version" -a -D --ignore-install virtio_pci virtiofs | awk '/^insmod/ && !seen[$2]++ {print $2}'); do
      cp "$module" "start/m/$n-$(basename "$module")"; n=$((n + 1))
    done
    cat >start/init <<'INIT'
#!/bin/sh
/bin/busybox mount -t proc proc /proc
for m in /m/*; do /bin/busybox insmod $m; done
/bin/busybox mount -t virtiofs root /new
init=$(/bin/busybox sed -n 's/.* runinit=\([^ ]*\).*/\1/p' /proc/cmdline)
/bin/busybox umount /proc
exec /bin/busybox switch_root /new $init
INIT
    chmod +x start/init
    (cd start && find . | busybox cpio -o -H newc 2>/dev/null) | gzip -1 >initrd && rm -rf start && echo "$version" >version
  ) || { rm -rf "$work"; return 1; }
  mv -T "$work" "$cache/kernel" 2>/dev/null || rm -rf "$work"
}
mkdir -p $cache
[ -s $cache/kernel/version ] || fetch_kernel
[ -s $cache/kernel/version ] || { echo "vm-run: package linux-image-cloud-amd64 could not be downloaded or unpacked" >&2; exit 125; }
[ $prepare = 0 ] || exit 0

run=$(mktemp -d /tmp/vm-run.XXXXXX); : >"$run/out"; : >"$run/err"
{ export -p | grep -vE '^declare -x (OLDPWD|PWD|SHLVL|TERM|_)='; printf 'cd %q\n' "$PWD"; printf 'exec'; printf ' %q' "$@"; echo; } >"$run/cmd"
cat >"$run/init" <<INIT
#!/bin/bash
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/pts /dev/shm; mount -t devpts devpts /dev/pts; mount -t tmpfs shm /dev/shm; mount -t tmpfs run /run
mkdir -p /run/lock /run/netns; ln -sfn /proc/self/fd /dev/fd; ln -sf fd/0 /dev/stdin; ln -sf fd/1 /dev/stdout; ln -sf fd/2 /dev/stderr
[ -d /sys/fs/cgroup ] && mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null
for c in \$(cat /sys/fs/cgroup/cgroup.controllers 2>/dev/null); do echo +\$c >/sys/fs/cgroup/cgroup.subtree_control; done 2>/dev/null
hostname vm; ip link set lo up; ulimit -n 65536; sysctl -qw net.ipv4.ip_forward=1 kernel.printk="4 4 1 4"
mkdir -p /lib/modules && mount --bind $cache/kernel/lib/modules /lib/modules
[ -z "$modules" ] || modprobe -a -q $modules
setsid bash $run/cmd </dev/null >>$run/out 2>>$run/err
rc=\$?
[ $klog = 1 ] && dmesg >$run/dmesg
echo \$rc >$run/rc.tmp; mv $run/rc.tmp $run/rc
echo o >/proc/sysrq-trigger; sleep 60
INIT
chmod +x "$run/init"
SECONDS=0
$virtiofsd --socket-path="$run/fs.sock" -o source=/ -o cache=always -o sandbox=chroot -o announce_submounts -f >"$run/virtiofsd" 2>&1 & fs=$!
while [ ! -S "$run/fs.sock" ] && kill -0 $fs 2>/dev/null; do sleep 0.02; done
# Both sides of the shared file system see the guest's memory, hence the memfd.
qemu-system-x86_64 -M q35 -cpu max -accel tcg,thread=multi,tb-size=256 -smp "$cpus" -m "$mem" \
  -object "memory-backend-memfd,id=mem,size=$mem,share=on" -numa node,memdev=mem -nodefaults -no-user-config -display none -no-reboot \
  -kernel $cache/kernel/vmlinuz -initrd $cache/kernel/initrd \
  -append "console=ttyS0 quiet panic=-1 mitigations=off nokaslr no_timer_check random.trust_cpu=on runinit=$run/init" \
  -chardev "socket,id=c0,path=$run/fs.sock" -device vhost-user-fs-pci,chardev=c0,tag=root,queue-size=1024 \
  -serial "file:$run/console" </dev/null >"$run/qemu" 2>&1 & vm=$!
tail -q -s 0.1 -c +1 -f --pid=$vm "$run/out" & t1=$!
tail -q -s 0.1 -c +1 -f --pid=$vm "$run/err" >&2 & t2=$!
# Guests that are through are killed: the power-off would take a second, and nothing is lost (files are written through).
cleanup() { kill -KILL $vm 2>/dev/null; wait $vm 2>/dev/null; kill -KILL $fs 2>/dev/null; wait $fs $t1 $t2 2>/dev/null
  if [ $keep = 1 ]; then echo "vm-run: kept $run" >&2; else rm -rf "$run"; fi; }
trap 'cleanup; exit 130' INT TERM HUP
rc=
while kill -0 $vm 2>/dev/null; do
  if [ -s "$run/rc" ]; then rc=$(cat "$run/rc"); break; fi
  if [ $SECONDS -ge "$limit" ]; then rc=124; echo "vm-run: time limit of ${limit}s" >&2; break; fi
  sleep 0.05
done
[ -z "$rc" ] && [ -s "$run/rc" ] && rc=$(cat "$run/rc")
if [ -z "$rc" ]; then rc=125; echo "vm-run: the guest ended before the command did; console:" >&2; tail -n 20 "$run/console" "$run/qemu" "$run/virtiofsd" >&2; fi
[ $klog = 1 ] && cat "$run/dmesg" >&2 2>/dev/null
[ -n "${VM_RUN_VERBOSE:-}" ] && echo "vm-run: exit code $rc after $SECONDS s" >&2
cleanup 2>/dev/null
exit $rc
