#!/usr/bin/env bash
# Installs what the tests need, builds, runs every test, and ends with "N passed, N failed" alone on a line.
#   ./test.sh                 everything
#   ./test.sh NAME...         only test projects whose name contains one of the words
#   SWARMNET_TEST_FILTER=...  a filter for `dotnet test --filter` (for example TestCategory!=Slow)
set -u
cd "$(dirname "$0")" || exit 1
scripts/install-packages.sh crun busybox-static nftables iproute2 dnsutils conntrack curl gcc libc6-dev linux-libc-dev serf docker.io procps util-linux \
    qemu-system-x86 kmod ipvsadm || exit 1
tests/tools/vm-run.sh --prepare || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet restore SwarmNet.sln -v q || { echo "0 passed, 1 failed"; exit 1; }
dotnet build SwarmNet.sln -c Release --no-restore -v q -nologo || { echo "0 passed, 1 failed"; exit 1; }

passed=0 failed=0 skipped=0
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
# What failed and what each said, once more at the end: a long log need not be searched.
failures() {
    awk '/<UnitTestResult / { failed = /outcome="Failed"/; name = $0; sub(/.* testName="/, "", name); sub(/".*/, "", name) }
         failed && /<Message>/ { print "FAILED " name; sub(/.*<Message>/, ""); message = 1; lines = 0 }
         message { ended = sub(/<\/Message>.*/, ""); if (lines++ < 12) { print "    " substr($0, 1, 500) } if (ended) { message = 0 } }' "$1" |
        sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&apos;/'"'"'/g; s/&#xD;//g; s/&amp;/\&/g'
}
count() { sed -n "s/.*<Counters .*\b$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -1; }
for project in tests/*.Tests/*.Tests.csproj; do
    name=$(basename "$project" .csproj)
    if [ $# -gt 0 ]; then
        wanted=0
        for word in "$@"; do [[ $name == *$word* ]] && wanted=1; done
        [ $wanted = 1 ] || continue
    fi
    echo "== $name"
    dotnet test "$project" -c Release --no-build -v q -nologo --logger "console;verbosity=minimal" --logger "trx;LogFileName=$results/$name.trx" \
        ${SWARMNET_TEST_FILTER:+--filter "$SWARMNET_TEST_FILTER"}
    code=$?
    trx=$results/$name.trx
    if [ ! -s "$trx" ]; then
        echo "$name left no result (exit code $code)"
        failed=$((failed + 1))
        continue
    fi
    p=$(count "$trx" passed) f=$(count "$trx" failed) t=$(count "$trx" total)
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + t - p - f))
    # A crashed or hung test host can lose tests without a failed one in the counters.
    failures "$trx" >>"$results/failures"
    [ $code = 0 ] || [ "$f" != 0 ] || failed=$((failed + 1))
    grep -o 'outcome="NotExecuted"[^>]*testName="[^"]*"\|testName="[^"]*"[^>]*outcome="NotExecuted"' "$trx" | sed -n 's/.*testName="\([^"]*\)".*/skipped: \1/p'
done
[ -s "$results/failures" ] && cat "$results/failures"
[ $skipped = 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ $failed = 0 ] && [ $passed != 0 ]
