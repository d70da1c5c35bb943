#!/bin/sh
# Builds what is missing, then runs a main class of this module; the other scripts here call it.
#
#   benchmarks/run.sh CLASS [ARGUMENTS..]      CLEAVE_JAVA_OPTS: options for the JVM, such as -Xmx4g
set -eu
[ $# -ge 1 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd -P)
built=$root/benchmarks/target/classpath
if [ ! -f "$built" ] || [ -n "$(cd "$root" && find pom.xml shared-proto engines sealing partitioner edge-agent edge-micrometer cloud-gateway cli benchmarks \
    \( -name target -o -path '*/src/test' \) -prune -o \( -path '*/src/main*' -o -name pom.xml \) -newer "$built" -print | head -n 1)" ]; then
    echo "building" >&2
    (cd "$root" && mvn -B -q -pl benchmarks -am -Dmaven.test.skip=true -Djacoco.skip=true \
        -Dspotless.check.skip=true -Danimal.sniffer.skip=true package) >&2 </dev/null
    touch "$built"
fi
export CLASSPATH="$root/benchmarks/target/classes:$(cat "$built")"
export ORT_DISABLE_TELEMETRY=1
# shellcheck disable=SC2086 # CLEAVE_JAVA_OPTS holds several words.
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:-UsePerfData -Djava.awt.headless=true ${CLEAVE_JAVA_OPTS:-} "$@"
