#!/bin/sh
# Whether a linear transform before quantisation would take fewer bytes: bits per element at which the answers agree often
# enough, per model, cut and form of coding. docs/CODING.md, "Transforms". Takes a quarter of an hour.
#
#   benchmarks/transform-study.sh [MODEL..] [--pictures N] [--agreement P] [--cuts TENSOR,..]
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.codec.TransformStudy "$@"
