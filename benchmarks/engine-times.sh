#!/bin/sh
# Times models that exist as ONNX and as TensorFlow Lite graphs with both engines, in turn, one thread; prints medians.
#
#   benchmarks/engine-times.sh [--runs N] [--out FILE.md]
#
# The models lie in the folder that CLEAVE_MATERIAL names, or in shared/material beside the checkout.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.engines.EngineTimes "$@"
