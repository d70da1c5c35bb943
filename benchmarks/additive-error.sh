#!/bin/sh
# How far sums are off: the times of a head's or a tail's nodes against its run, and the bytes of single tensors, sketched
# with one sample, against what a calibrated codec sends. Tells as well which share of operators' time is traced to nodes.
# Takes five minutes.
#
#   benchmarks/additive-error.sh [MODEL|FILE.onnx ..] [--pictures N] [--out FILE.md]
#
# Models as for plan-oracle.sh; a file is looked for in the material's models, too, and runs on made-up inputs.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.prediction.AdditiveError "$@"
