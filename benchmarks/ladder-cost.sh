#!/bin/sh
# What a ladder costs: bytes of its bundle over those of the weights alone, and the time of a chain of its segments over that
# of the whole model on the CPU. Exit code 3 if either is above 1.05.
#
#   benchmarks/ladder-cost.sh [MODEL..] [--points N] [--runs N] [--threads N,N,..] [--out FILE.md]
#
# Models as for plan-oracle.sh; default: mobilenetv2.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.plan.LadderCost "$@"
