#!/bin/sh
# How long the daemon takes from its start to its first answer, and what memory it then has.
#
#   benchmarks/agent-start.sh BUNDLE INPUT [RUNS]     INPUT: a picture or tensor that the bundle takes; default 5 runs
#
# AGENT: the program to start, such as that of deploy/systemd/install; default ./cleave agent.
set -eu
[ $# -ge 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd -P)
bundle=$1 input=$2 runs=${3:-5}
AGENT=${AGENT:-"$root/cleave agent"}
"$root/cleave" --version >/dev/null # builds what is missing
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkfifo "$folder/lines" "$folder/answers" "$folder/notes"
millis() { echo $(($(date +%s%N) / 1000000)); }

uname -sm
sed -n '/^model name/{p;q}' /proc/cpuinfo
echo "run  ready ms  first answer ms  CPU ms  peak MiB"
for run in $(seq "$runs"); do
    began=$(millis)
    # shellcheck disable=SC2086 # AGENT may hold several words.
    $AGENT "$bundle" --gateway 127.0.0.1:1 --stdin --http 0 <"$folder/lines" >"$folder/answers" 2>"$folder/notes" &
    agent=$!
    exec 3>"$folder/lines" 4<"$folder/answers" 5<"$folder/notes"
    read -r note <&5
    ready=$(millis)
    echo "$input" >&3
    read -r answer <&4
    answered=$(millis)
    case $note$answer in *answers*outputs*) ;; *) echo "$note $answer" >&2; kill $agent; exit 1 ;; esac
    ticks=$(sed 's/.*) //' /proc/$agent/stat | awk '{print $12 + $13}')
    peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' /proc/$agent/status)
    kill -TERM $agent
    exec 3>&- 4<&- 5<&-
    wait $agent || :
    printf '%3d  %8d  %15d  %6d  %8d\n' "$run" $((ready - began)) $((answered - began)) \
        $((ticks * 1000 / $(getconf CLK_TCK))) $((peak / 1024))
done
