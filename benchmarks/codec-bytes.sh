#!/bin/sh
# What the same quantised symbols cost packed, with zstd and coded by their contexts, how often the answers agree, and what a JPEG
# costs that agrees as often: per model and cut, calibrated on every second picture and measured on the others. Takes some minutes.
#
#   benchmarks/codec-bytes.sh [MODEL..] [--pictures N] [--agreement P] [--cuts TENSOR,..] [--out FILE.md]
#
# Models as for plan-oracle.sh, those with weights; default: mobilenetv2 squeezenet cifar_resnet20.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.codec.CodecBytes "$@"
