#!/bin/sh
# Converts whole models to TensorFlow Lite heads, in float and in 8-bit integers; prints how their answers and times compare with those of the
# ONNX graphs. Exit code 3 where answers differ by more than conversion may cost.
#
#   benchmarks/lite-heads.sh [MODEL..] [--runs N] [--out FILE.md]
#
# Models: mobilenetv2 squeezenet cifar_resnet20 resnet8 vww mobilenetv1 ultraface. They
# lie in the folder that CLEAVE_MATERIAL names, or in shared/material beside the checkout.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.quantize.LiteHeads "$@"
