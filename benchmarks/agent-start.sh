#!/bin/sh
# How long the daemon takes from its start to its first answer, and what memory it then has: from a checkout, and as
# deploy/systemd/install puts it on a device. The installation is made in a folder that goes again. Exit code 3 if the
# installed one takes 2 s or more to be ready.
#
#   benchmarks/agent-start.sh BUNDLE INPUT [RUNS]     INPUT: a picture or tensor that the bundle takes; default 5 runs
#
# AGENT: one program to start instead of the two. CLEAVE_JAVA_OPTS: options for the JVM; default those of agent.env.
set -eu
[ $# -ge 2 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd -P)
bundle=$1 input=$2 runs=${3:-5}
limit=2000
"$root/cleave" --version >/dev/null # builds what is missing
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkfifo "$folder/lines" "$folder/answers" "$folder/notes"
: "${CLEAVE_JAVA_OPTS:=$(sed -n 's/^CLEAVE_JAVA_OPTS=//p' "$root/deploy/systemd/agent.env")}"
export CLEAVE_JAVA_OPTS
millis() { echo $(($(date +%s%N) / 1000000)); }

# Reads until a line that holds the word.
await() {
    while read -r line; do
        case $line in *"$1"*) return ;; esac
        echo "$line" >>"$folder/log"
        case $line in *'"error":'*) break ;; esac
    done
    cat "$folder/log" >&2
    echo "agent-start: the agent ended or failed; expected a line with: $1" >&2
    kill $agent 2>/dev/null || :
    exit 1
}

# One line: ready, first answer, CPU time, peak memory.
start() {
    : >"$folder/log"
    began=$(millis)
    # shellcheck disable=SC2086 # A program may be several words.
    $1 "$bundle" --gateway 127.0.0.1:1 --stdin --http 0 <"$folder/lines" >"$folder/answers" 2>"$folder/notes" &
    agent=$!
    exec 3>"$folder/lines" 4<"$folder/answers" 5<"$folder/notes"
    await " answers " <&5
    ready=$(millis)
    echo "$input" >&3
    await '"outputs"' <&4
    answered=$(millis)
    ticks=$(sed 's/.*) //' /proc/$agent/stat | awk '{print $12 + $13}')
    peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$agent/status)
    kill -TERM $agent
    cat <&5 >/dev/null &
    exec 3>&-
    wait $agent || :
    exec 4<&- 5<&-
    wait
    echo $((ready - began)) $((answered - began)) $((ticks * 1000 / $(getconf CLK_TCK))) $((peak / 1024))
}

median() { cut -d' ' -f"$1" "$2" | sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }

# A row of the table: medians of all runs, and the longest start.
measure() {
    : >"$folder/$1"
    for _ in $(seq "$runs"); do
        start "$3" >>"$folder/$1"
    done
    most=$(cut -d' ' -f1 "$folder/$1" | sort -n | tail -n 1)
    echo "| $2 | $(median 1 "$folder/$1") | $most | $(median 2 "$folder/$1") | $(median 3 "$folder/$1") | $(median 4 "$folder/$1") |"
}

echo "# Start of the daemon"
echo
echo "- machine: $(sed -n '/^model name/{s/.*: //p;q}' /proc/cpuinfo), $(nproc) cores, $(uname -srm)"
echo "- date: $(date +%Y-%m-%d)"
echo "- $(basename "$bundle" .cleave), $runs starts each, of which the medians; no gateway answers; JVM: $CLEAVE_JAVA_OPTS"
echo
echo "| program | ready ms | at most | first answer ms | CPU ms | peak MiB |"
echo "|---|---|---|---|---|---|"
if [ -n "${AGENT:-}" ]; then
    measure own "$AGENT" "$AGENT"
    exit
fi
measure checkout "cleave agent" "$root/cleave agent"
"$root/deploy/systemd/install" "$folder/install/plain" >/dev/null
measure plain "installed without a bundle: no archive of classes" "$folder/install/plain/bin/cleave-agent"
"$root/deploy/systemd/install" "$folder/install/trained" "$bundle" >/dev/null
measure installed "installed with a bundle" "$folder/install/trained/bin/cleave-agent"
echo
[ "$most" -lt $limit ] && word=pass || word=FAIL
echo "- $word: the installed one was ready after at most $most ms (wanted less than $limit)"
[ $word = pass ] || exit 3
