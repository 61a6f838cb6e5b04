#!/usr/bin/env bash
# Writes a root file system of Debian's static busybox as a tar archive: an image for tests and demos that needs no registry.
#   scripts/busybox-rootfs.sh OUT.tar
set -eu
out=$(realpath -m "${1:?usage: busybox-rootfs.sh OUT.tar}")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root"/{bin,dev,etc,proc,root,sys,tmp,var/www}
chmod 755 "$root"
chmod 1777 "$root/tmp"
cp "$(readlink -f "$(command -v busybox)")" "$root/bin/busybox"
for applet in $("$root/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
echo 'root:x:0:' >"$root/etc/group"
mkdir -p "$(dirname "$out")"
tar -C "$root" --owner=0 --group=0 -cf "$out" .
