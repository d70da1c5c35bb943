#!/bin/sh
# What leakage is by chance, by number of samples, and what it is at successive cuts of models. Takes two minutes.
#
#   benchmarks/leakage.sh [MODEL..] [--samples N,N,..] [--replicates N] [--pictures N] [--cuts N] [--out FILE.md]
#
# Models as for plan-oracle.sh; default: squeezenet mobilenetv2.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.leakage.LeakageFigures "$@"
