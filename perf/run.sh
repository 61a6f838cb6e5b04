#!/usr/bin/env bash
# Benchmarks. Without an argument: lists them.
set -u
cd "$(dirname "$0")/.." || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

list() {
    echo "usage: perf/run.sh NAME"
    echo "  control-plane   ours and a stock engine's swarm of three hosts each, driven by the same code over the same API: one table"
    echo "  dataplane       [WORD...] programming and forwarding against the tools and engines in use today: one table; words choose measurements"
    echo "  raft            [WORD...] three nodes each of ours and of etcd behind the same gRPC call: one table; words choose (core, writes, latency, failover, partition); trials=N"
    echo "  allocations     [--accept] bytes allocated per operation of all code benchmarks, against perf/allocations.txt: fails when one is more"
    for project in perf/*.Benchmarks; do
        [ -d "$project" ] || continue
        name=$(basename "$project" .Benchmarks)
        printf '  %-15s code benchmarks of %s (time and bytes allocated per operation)\n' "$(tr '[:upper:]' '[:lower:]' <<<"${name#SwarmNet.}")" "$name"
    done
}

control_plane() {
    scripts/install-packages.sh crun busybox-static docker.io iproute2 curl procps || exit 1
    command -v docker >/dev/null || { echo "control-plane needs the stock docker CLI" >&2; exit 1; }
    dotnet publish src/Cli/SwarmNet.Cli -c Release -o artifacts/swarm -v q -nologo || exit 1
    dotnet build perf/SwarmNet.Perf.ControlPlane -c Release -v q -nologo || exit 1
    swarm=$PWD/artifacts/swarm/swarm stock=$PWD/tests/tools/reference-swarm.sh
    export REFSWARM_NAME=perf REFSWARM_DIR=/tmp/swarmnet-perf-stock REFSWARM_NET=10.78.0 REFSWARM_IMG=/tmp/swarmnet-perf-busybox.tar
    clean() { "$swarm" lab down --name perf >/dev/null 2>&1; "$stock" down >/dev/null 2>&1; rm -f "$REFSWARM_IMG"; }
    clean
    trap clean EXIT
    {
        "$swarm" lab up --nodes 3 --name perf || exit 1
        on() { "$swarm" lab exec --name perf "$@"; }
        on node1 -- swarm init --advertise-addr 10.77.0.11
        token=$(on node1 -- swarm join-token -q worker)
        scripts/busybox-rootfs.sh artifacts/busybox.tar
        for n in 2 3; do on node$n -- swarm join --token "$token" 10.77.0.11:2377 || exit 1; done
        for n in 1 2 3; do on node$n -- swarm image import "$PWD/artifacts/busybox.tar" busybox:latest || exit 1; done
        "$stock" up 3 && "$stock" swarm 1 || exit 1
        our_pids=$("$swarm" lab status --name perf | awk '/^node/ {print $4}' | paste -sd,)
        stock_pids=$(for n in 1 2 3; do "$stock" pid $n; done | paste -sd,)
    } >&2
    echo "machine: $(nproc) processors, $(uname -r); stock engine $(docker -H "unix://$("$stock" sock 1)" version -f '{{.Server.Version}}')"
    echo
    dotnet perf/SwarmNet.Perf.ControlPlane/bin/Release/net10.0/SwarmNet.Perf.ControlPlane.dll \
        SwarmNet "$("$swarm" lab status --name perf | awk '/^node1/ {print $5}' | sed 's#unix://##')" "$our_pids" \
        "'$swarm' lab stop --name perf --power-off node3" "'$swarm' -H unix://$("$swarm" lab status --name perf | awk '/^node1/ {print $5}' | sed 's#unix://##') version" \
        "Docker" "$("$stock" sock 1)" "$stock_pids" "'$stock' crash 3" "docker -H unix://$("$stock" sock 1) version"
}

dataplane() {
    scripts/install-packages.sh iproute2 nftables util-linux procps curl iperf3 wrk nginx-light || exit 1
    case " ${*:-stock} " in *" stock "* | *" forwarding "*) scripts/install-packages.sh busybox-static docker.io || exit 1 ;; esac
    case " ${*:-ipvs} " in *" ipvs "* | *" vips "* | *" programming "*) scripts/install-packages.sh ipvsadm qemu-system-x86 kmod busybox-static || exit 1 ;; esac
    export STOCK_SWARM=$PWD/tests/tools/reference-swarm.sh REFSWARM_NAME=perf-dp REFSWARM_DIR=/tmp/swarmnet-perf-dp REFSWARM_NET=10.79.0 REFSWARM_IMG=/tmp/swarmnet-perf-busybox.tar
    dotnet build perf/SwarmNet.Perf.DataPlane -c Release -v q -nologo >&2 || exit 1
    echo "machine: $(nproc) processors, $(uname -r); $(ip -V | cut -d' ' -f3 | tr -d ,), $(nft -v | cut -d' ' -f1,2)"
    echo
    dotnet perf/SwarmNet.Perf.DataPlane/bin/Release/net10.0/SwarmNet.Perf.DataPlane.dll "$@"
}

raft() {
    scripts/install-packages.sh etcd-server iproute2 nftables util-linux || exit 1
    dotnet build perf/SwarmNet.Perf.Raft -c Release -v q -nologo >&2 || exit 1
    echo "machine: $(nproc) processors, $(uname -r); $(etcd --version | head -1), both on $(df --output=fstype "${TMPDIR:-/tmp}" | tail -1), fsync on"
    echo
    # A network of its own: the failing clusters run on hosts that are made in it.
    unshare --net sh -c 'ip link set lo up && exec "$@"' sh dotnet perf/SwarmNet.Perf.Raft/bin/Release/net10.0/SwarmNet.Perf.Raft.dll "$@"
}

allocations() {
    local project name worse=0
    for project in perf/SwarmNet.*.Benchmarks; do
        name=$(basename "$project")
        dotnet build "$project" -c Release -v q -nologo >&2 || exit 1
        dotnet "$project/bin/Release/net10.0/$name.dll" --allocations perf/allocations.txt "$@" || worse=1
    done
    exit $worse
}

case "${1:-}" in
    '' | -h | --help) list ;;
    control-plane) control_plane ;;
    allocations) shift; allocations "$@" ;;
    dataplane) shift; dataplane "$@" ;;
    raft) shift; raft "$@" ;;
    *)
        project=$(ls -d perf/*.Benchmarks 2>/dev/null | grep -i "\.$1\.Benchmarks$" | head -1)
        [ -n "$project" ] || { echo "there is no benchmark \"$1\"" >&2; list >&2; exit 2; }
        shift
        exec dotnet run -c Release --project "$project" -- --filter '*' "$@"
        ;;
esac
