#!/bin/sh
# Makes 100,000 requests after 10,000 to warm up, and tells whether the memory of the agent or of the gateway grows with their
# number: heap, direct buffers, all of the process. Heaps have their full size from the beginning, so that what grows is not the
# JVM's choice. Exit code 3 if it grows. Some ten minutes.
#
#   benchmarks/memory-slope.sh [--model MODEL] [--point N] [--requests N] [--warm-up N] [--samples N] [--in-flight N]
#                              [--native-memory] [--out FILE.md]
#
# Models: those of plan-oracle.sh; default cifar_resnet20. With --native-memory the JVMs tell what they have taken from the system, and what for.
tracking=
for option; do
    [ "$option" != --native-memory ] || tracking=-XX:NativeMemoryTracking=summary
done
export JAVA_TOOL_OPTIONS="-Xms128m -Xmx128m -XX:+AlwaysPreTouch $tracking ${JAVA_TOOL_OPTIONS:-}"
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.field.MemorySlope "$@"
