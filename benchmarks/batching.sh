#!/bin/sh
# Eight clients and a gateway whose runs take 12 ms and 0.2 ms for each row: one request at a time, whatever came during a run together, and with
# nothing configured; then one client alone. Exit code 3 if batching gains too little, or a lone client pays for it. Two minutes.
#
#   benchmarks/batching.sh [--clients N] [--run MS] [--row MS] [--seconds N] [--out FILE.md]
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.batch.BatchingGain "$@"
