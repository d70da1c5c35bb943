#!/bin/sh
# What becomes of requests while a gateway is busy: deadlines of 200 ms in a run of 5 s (one declared, one of ONNX Runtime, one their own), cancelled requests, 1,000 offers to a
# queue of 100, urgent requests among a flood. Exit code 3 if one of them is not as it should be. A minute.
#
#   benchmarks/deadlines.sh [--requests N] [--products N] [--flood SECONDS] [--out FILE.md]
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.serving.Deadlines "$@"
