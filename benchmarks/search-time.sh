#!/bin/sh
# How long it takes to plan networks of many nodes, measurements apart, and to decide again from a bundle's table. Exit code 3
# if a median is over its target: 50 ms and 1 ms. On one core: taskset -c 0 benchmarks/search-time.sh
#
#   benchmarks/search-time.sh [--nodes N] [--runs N] [--decisions N] [--out FILE.md]
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.search.SearchTime "$@"
