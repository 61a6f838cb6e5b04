#!/usr/bin/env bash
# Builds SwarmNet, starts a lab of three hosts on this machine and plays a swarm's main job on it, showing each command's output.
#   ./demo.sh          leaves nothing behind
#   ./demo.sh --keep   leaves the lab up and says how to use it
set -u
cd "$(dirname "$0")" || exit 1
keep=0
case "${1:-}" in
    --keep) keep=1 ;;
    '') ;;
    *) sed -n '2,4p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || { echo "The demo makes network namespaces: run it as root." >&2; exit 1; }
command -v dotnet >/dev/null || { echo "The .NET 10 SDK is missing (https://dotnet.microsoft.com/download)." >&2; exit 1; }

lab=demo
export PATH="$PWD/artifacts/swarm:$PATH" DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
scripts/install-packages.sh crun busybox-static curl || exit 1
echo "building ..."
dotnet publish src/Cli/SwarmNet.Cli -c Release -o artifacts/swarm -v q -nologo || exit 1

bold="" plain=""
[ -t 1 ] && bold=$(tput bold 2>/dev/null || true) plain=$(tput sgr0 2>/dev/null || true)
started=$(date +%s)
failures=0
finish() {
    if [ $keep = 1 ] && [ $failures = 0 ]; then
        echo
        echo "The lab \"$lab\" stays up. Use it, for example:"
        echo "  export PATH=\"$PWD/artifacts/swarm:\$PATH\""
        echo "  swarm lab status --name $lab"
        echo "  swarm lab exec --name $lab node1 -- swarm service ls"
        echo "  docker -H unix:///var/lib/swarmnet-labs/$lab/node1/run/swarm.sock node ls"
        echo "  swarm lab down --name $lab"
    else
        swarm lab down --name "$lab" >/dev/null
    fi
}
trap 'finish' EXIT
trap 'exit 130' INT TERM

say() { echo; echo "${bold}# $*${plain}"; }
run() { # show a command as a user types it, then run it
    echo "${bold}\$ $*${plain}"
    "$@"
    local code=$?
    [ $code = 0 ] || { echo "(exit code $code)"; failures=$((failures + 1)); exit 1; }
}
on() { run swarm lab exec --name $lab "$@"; }
quiet() { swarm lab exec --name $lab "$@"; }
check() { # check TEXT COMMAND...: the command succeeds, or the demo failed
    local text=$1
    shift
    if "$@"; then echo "ok: $text"; else echo "FAILED: $text"; failures=$((failures + 1)); exit 1; fi
}
wait_for() { # wait_for SECONDS COMMAND...
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.2
    done
}

swarm lab down --name $lab >/dev/null 2>&1 # whatever an interrupted run left

say "A lab of three hosts"
run swarm lab up --nodes 3 --name $lab
say "One of them starts a swarm, the others join"
on node1 -- swarm init --advertise-addr 10.77.0.11
token=$(quiet node1 -- swarm join-token -q worker)
on node2 -- swarm join --token "$token" 10.77.0.11:2377
on node3 -- swarm join --token "$token" 10.77.0.11:2377
on node1 -- swarm node ls

say "An image, no registry needed"
scripts/busybox-rootfs.sh artifacts/busybox.tar
for node in node1 node2 node3; do
    on $node -- swarm image import --change 'CMD ["sh"]' "$PWD/artifacts/busybox.tar" busybox:latest
done

say "An overlay network and a web service on it, published on every node"
on node1 -- swarm network create -d overlay demo
on node1 -- swarm service create --name web --network demo --replicas 3 -p 8080:80 --no-resolve-image busybox \
    sh -c 'hostname >/var/www/index.html; exec httpd -f -p 80 -h /var/www'
on node1 -- swarm service ls
on node1 -- swarm service ps web
on node1 -- swarm service inspect --pretty web

say "Every node answers on 8080, and all three replicas take turns"
for n in 1 2 3; do
    echo "${bold}\$ curl http://10.77.0.1$n:8080 (from a client outside, six times)${plain}"
    for _ in 1 2 3 4 5 6; do quiet outside -- curl -s -m 5 "http://10.77.0.1$n:8080"; done | sort | uniq -c
done
answers() { for n in 1 2 3; do for _ in 1 2 3 4 5 6; do quiet outside -- curl -s -m 5 "http://10.77.0.1$n:8080"; done; done | sort -u | wc -l; }
check "three different replicas answered" [ "$(answers)" = 3 ]

say "Names and the virtual address, seen from a client task"
on node1 -- swarm service create --name client --network demo --no-resolve-image busybox sleep 1d
inside() { # run a command in the client task, wherever it runs
    local node container
    node=$(quiet node1 -- swarm service ps client --filter desired-state=running --format '{{.Node}}')
    container=$(quiet "$node" -- swarm ps -q --filter name=client)
    run swarm lab exec --name $lab "$node" -- swarm exec "$container" "$@"
}
inside nslookup web
inside nslookup tasks.web
inside wget -q -O - http://web/

say "Scale up"
on node1 -- swarm service scale web=5

say "Kill one task's process: it is replaced"
victim=$(quiet node2 -- swarm ps -q --filter name=web | head -1)
pid=$(quiet node2 -- swarm inspect --format '{{.State.Pid}}' "$victim")
on node2 -- sh -c "kill -9 $pid"
running() { [ "$(quiet node1 -- swarm service ls --filter name=web --format '{{.Replicas}}')" = "$1" ]; }
gone() { ! quiet node2 -- swarm ps -q | grep -q "$victim"; }
check "the killed task is gone" wait_for 20 gone
check "five of five run again" wait_for 30 running 5/5
on node1 -- swarm service ps web

say "Stop node3's daemon: the node goes Down and its tasks are replaced elsewhere"
run swarm lab stop --name $lab node3
down() { quiet node1 -- swarm node ls --format '{{.Hostname}} {{.Status}}' | grep -q 'node3 Down'; }
check "node3 is Down" wait_for 40 down
check "five of five run on the others" wait_for 40 running 5/5
on node1 -- swarm node ls
on node1 -- swarm service ps --filter desired-state=running web

say "Restart node1's daemon: nothing is forgotten, nothing that ran is restarted"
before=$(quiet node1 -- swarm ps -q --no-trunc | sort)
run swarm lab stop --name $lab node1
run swarm lab start --name $lab node1
answering() { quiet node1 -- swarm service ls >/dev/null 2>&1; }
check "the manager is back" wait_for 20 answering
check "five of five still run" wait_for 20 running 5/5
check "the same containers run on node1" [ "$(quiet node1 -- swarm ps -q --no-trunc | sort)" = "$before" ]

say "The end"
run swarm lab start --name $lab node3
on node1 -- swarm service rm web client
on node2 -- swarm leave
if [ $keep = 0 ]; then
    on node1 -- swarm leave --force
fi
echo
echo "The main job took $(($(date +%s) - started)) s."
