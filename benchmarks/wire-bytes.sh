#!/bin/sh
# What crosses at the points of a bundle whose heads run in 8-bit integers: bytes, those of zstd with the same symbols, agreement
# and labelled accuracy with 95 % intervals, and the JPEG that does as well. Split on every second picture, verified on the
# others. Exit code 3 if a model's best point takes too many bytes or agrees too rarely. Takes some minutes a model.
#
#   benchmarks/wire-bytes.sh [MODEL..] [--pictures N] [--max-disagreement P] [--int8=auto|always|never]
#                            [--ladder N | --at TENSOR[+TENSOR..],..] [--out FILE.md]
#
# Models: mobilenetv2 squeezenet cifar_resnet20, and yolox_nano with points given; default: the first two.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.codec.WireBytes "$@"
