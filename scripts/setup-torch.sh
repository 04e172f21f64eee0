#!/usr/bin/env bash
# Makes a machine ready for `--features torch`: libtorch 2.11 in .torch/, and .cargo/config.toml that tells the build where.
# Needs python3 with venv, a C++ compiler, and 1.5 GB of disk. Running it again changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup-torch: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

command -v python3 > /dev/null || fail "python3 is not here; install it (Debian: apt-get install python3-venv)"
command -v c++ > /dev/null || fail "no C++ compiler is here; install one (Debian: apt-get install g++)"

libtorch() { find .torch/lib -maxdepth 4 -path '*/site-packages/torch' -type d 2> /dev/null | head -n 1; }

if [ ! -f "$(libtorch)/lib/libtorch_cpu.so" ]; then
    python3 -m venv .torch || fail "python3 -m venv fails; install it (Debian: apt-get install python3-venv)"
    # Only the libraries: what torch needs of Python is not used. The two CUDA packages are linked to even on a CPU.
    .torch/bin/pip install --quiet --no-deps \
        torch==2.11.0 nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85
fi
found="$(libtorch)"
[ -f "$found/lib/libtorch_cpu.so" ] || fail "libtorch did not come; delete .torch and run this again"

config=.cargo/config.toml
if grep -qs '^LIBTORCH' "$config"; then
    say "$config names LIBTORCH already; left as it is"
else
    mkdir -p .cargo
    printf '[env]\nLIBTORCH = "%s/%s"\n' "$PWD" "$found" >> "$config"
fi
say "ready: cargo test --release --features torch --test network"
