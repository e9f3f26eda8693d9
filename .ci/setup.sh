# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What quickstart.sh and test.sh share: packages, ECharts and the build. Sourced from the repository's root; each step
# is skipped when it has been done, so that a second run needs no network.

say() { printf '== %s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 69
}

packages=(
  g++ cmake ninja-build ccache pkg-config git openssl
  openmpi-bin libopenmpi-dev libhdf5-dev hdf5-tools libzstd-dev libisal-dev libssl-dev libxxhash-dev
  libboost-serialization-dev libre2-dev
  libyaml-cpp-dev libfmt-dev libcli11-dev nlohmann-json3-dev libfast-float-dev librandom123-dev
  libgtest-dev libgmock-dev python3 python3-h5py
)

# apt_install PACKAGE...: installs what is missing of them.
apt_install() {
  local installed missing=() package as_root=()
  command -v dpkg-query >/dev/null || { say "not a Debian system: taking for granted ${*}"; return; }
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qxF "installed $package" <<<"$installed" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "these packages are missing, and only root can install them: ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  "${as_root[@]}" apt-get -qq update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
}

# fetch_echarts: the chart library of the reports, from npm, checked against the digest its registry published.
# Sets COHORT_ECHARTS to its path; a path that is set already is taken as it is.
fetch_echarts() {
  local version=5.6.0 folder archive
  local sha512='oTbVTsXfKuEhxftHqL5xprgLoc0k7uScAwtryCgWF6hPYFLRwOUHiFmHGCBKP5NPFNkDVopOieyUqYGH8Fa3kA=='
  folder=${XDG_CACHE_HOME:-$HOME/.cache}/cohort
  COHORT_ECHARTS=${COHORT_ECHARTS:-$folder/echarts-$version.min.js}
  [[ -f $COHORT_ECHARTS ]] && return
  [[ $COHORT_ECHARTS == "$folder/echarts-$version.min.js" ]] || fail "COHORT_ECHARTS names no file: $COHORT_ECHARTS"
  command -v npm >/dev/null || apt_install npm ca-certificates
  say "fetching ECharts $version into $folder"
  mkdir -p "$folder"
  archive=$(cd "$folder" && npm pack --silent "echarts@$version") ||
    fail "npm could not fetch ECharts; give a local echarts.min.js by COHORT_ECHARTS=PATH"
  [[ $(openssl dgst -sha512 -binary "$folder/$archive" | base64 -w0) == "$sha512" ]] ||
    fail "$folder/$archive is not the ECharts $version that was published: remove it and look where npm fetches from"
  tar -xzf "$folder/$archive" -C "$folder" --strip-components=2 package/dist/echarts.min.js
  mv "$folder/echarts.min.js" "$COHORT_ECHARTS"
  rm "$folder/$archive"
}

# build TARGET...: the release build in build/. COHORT_WERROR=OFF lets another compiler's warnings pass.
build() {
  local launcher=()
  if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache); fi
  say "configuring and building in build/"
  cmake --preset release --log-level=WARNING "${launcher[@]}" \
    -DCOHORT_WERROR="${COHORT_WERROR:-ON}" -DCOHORT_ECHARTS="$COHORT_ECHARTS"
  cmake --build --preset release --target "$@"
}

# set_up TARGET...: from a bare system to what the caller wants built.
set_up() {
  apt_install "${packages[@]}"
  fetch_echarts
  build "$@"
}

# What Open MPI needs to run as root in a container, with more ranks than cores.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_pml=ob1
