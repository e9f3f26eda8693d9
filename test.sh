#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds with warnings as errors, and runs the tests; arguments go to CTest: ./test.sh -R kmeans.
# Real data are found through COHORT_DATA; without it those tests are skipped aloud. Ends with CTest's summary.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
source .ci/setup.sh

set_up all
say "testing${COHORT_DATA:+ with the real data of $COHORT_DATA}"
exec ctest --test-dir build --output-on-failure --parallel "$(nproc)" --no-tests=error "$@"
