#!/usr/bin/env bash
# Names each dependency that no source of its crate uses, and each of the workspace that no crate has; fails if there is one.
set -euo pipefail
cd "$(dirname "$0")/.."

# libtorch's bindings: they tell a build script where the library lies, and no source names them.
allowed=" torch-sys "
failed=0

dependencies() { # those of a manifest, in sections that match
    awk -v of="$2" '/^\[/ { within = $0 ~ of } within && /^[a-zA-Z]/ { sub(/[ .=].*/, ""); print }' "$1" | sort -u
}

unused() {
    [[ $allowed == *" $2 "* ]] && return
    echo "$1: $2 $3"
    failed=1
}

for manifest in Cargo.toml src/*/Cargo.toml python/Cargo.toml; do
    sources=("$(dirname "$manifest")")
    [[ $manifest == Cargo.toml ]] && sources=(build.rs src/*.rs examples tests benches)
    for name in $(dependencies "$manifest" '^\[(target\..*\.)?(dev-|build-)?dependencies\]'); do
        grep -rqE --include='*.rs' "(^|[^a-z_])${name//-/_}(::|;)" "${sources[@]}" ||
            unused "$manifest" "$name" "is used by no source"
    done
done

for name in $(dependencies Cargo.toml '^\[workspace\.dependencies\]'); do
    grep -qE "^$name(\.workspace| = \{ workspace)" Cargo.toml src/*/Cargo.toml python/Cargo.toml ||
        unused Cargo.toml "$name" "is a dependency of no crate"
done

exit $failed
