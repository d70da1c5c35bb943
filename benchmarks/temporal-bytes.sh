#!/bin/sh
# What boundaries of videos take as what has changed since an earlier one, beside each alone, and beside each alone and coded so
# coarsely that answers agree no more often: a road, still scenes in which something small moves, and the same with a sensor's noise.
# Exit code 3 if what has changed is not 2 times shorter on the road, or 4 times on a still scene. Takes a quarter of an hour a model.
#
#   benchmarks/temporal-bytes.sh [MODEL..] [--pictures N] [--agreement P] [--cuts TENSOR,..] [--views N] [--behind N]
#                                [--added-error E] [--out FILE.md]
#
# Models: mobilenetv2 (default) squeezenet.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.codec.TemporalBytes "$@"
