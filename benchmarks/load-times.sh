#!/bin/sh
# Times to load models as they are, and as ONNX Runtime writes them once it has optimised them, and the bytes of both; prints medians. Half a minute.
#
#   benchmarks/load-times.sh [--loads N] [--out FILE.md] [MODEL..]
#
# The models lie in the folder that CLEAVE_MATERIAL names, or in shared/material beside the checkout; MODEL is a file of it, such as mobilenetv2_fp32.onnx.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.engines.LoadTimes "$@"
