#!/bin/sh
# A gateway beside Vespa's container with the same ONNX model, the same ONNX Runtime and the same core: requests a second and times of answers over HTTP, with 1, 8 and 32
# clients. Exit code 3 if the gateway has less than twice the throughput, or a higher p99. Ten minutes. The first time it fetches Vespa, 140 jars, which no module depends on.
#
#   benchmarks/peer.sh [--model MODEL] [--in-flight N,N,..] [--peer-threads N] [--blocks N] [--block-seconds S] [--warm-up-seconds S] [--out FILE.md]
#
# The model lies in the folder that CLEAVE_MATERIAL names, or in shared/material beside the checkout.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
peer=$here/target/peer-classpath
if [ ! -f "$peer" ] || [ "$here/peer/pom.xml" -nt "$peer" ]; then
    echo "fetching Vespa" >&2
    mkdir -p "$here/target"
    mvn -B -q -f "$here/peer/pom.xml" dependency:build-classpath -Dmdep.outputFile="$peer.part" >&2 </dev/null
    mv "$peer.part" "$peer"
fi
exec "$here/run.sh" dev.cleave.benchmarks.peer.PeerServing --peer "$here/peer/VespaServer.java" --peer-class-path "$peer" "$@"
