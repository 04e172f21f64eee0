#!/bin/sh
# Runs the AVX-512 code on a machine without AVX-512, in an emulated one: unit tests of the library, whose names contain one of
# the arguments, and the workloads W1 to W8, whose results must be this machine's to the last digit.
#
#     scripts/emulate-avx512.sh [TEST-NAME ...]        default: the tests that compare instruction sets bit by bit
#
# Debian only; as root where a package is missing. A test that reads the repository's files fails there: the guest has none.
# Exit status 1: a test failed, a result differs, or the guest had no AVX-512.
set -eu
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- simulation::lanes simulation::random::normals simulation::random::philox simulation::rows simulation::noise::minibatch
target=${CARGO_TARGET_DIR:-target}
work=$target/avx512
root=$work/root
disc=$work/disc
kernel=$work/kernel

say() { printf 'emulate-avx512: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }

packages="bochs bochs-term bochsbios vgabios isolinux syslinux-common xorriso busybox-static cpio binutils"
installed=$(dpkg-query -W -f '${db:Status-Abbrev}\n' $packages 2> /dev/null | grep -c '^ii' || true)
if [ "$installed" -lt "$(echo $packages | wc -w)" ]; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends $packages
fi

mkdir -p "$kernel"
if ! ls "$kernel"/boot/vmlinuz-* > /dev/null 2>&1; then
    image=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p')
    [ -n "$image" ] || fail "apt knows no linux-image-cloud-amd64; run apt-get update"
    (cd "$kernel" && apt-get download "$image" && dpkg-deb -x "$image"_*.deb . && rm -f ./*.deb)
fi

cargo test --release -p kramers-simulation --lib --no-run 2>&1 | tee "$work/build.log" >&2
tests=$(sed -n 's/.*Executable.*(\(.*\))$/\1/p' "$work/build.log")
[ -x "$tests" ] || fail "the tests do not build"
cargo build --release --example workload

rm -rf "$root" "$disc"
mkdir -p "$root/bin" "$root/proc" "$root/dev" "$root/tmp" "$disc"
strip -o "$root/bin/tests" "$tests"
strip -o "$root/bin/workload" "$target/release/examples/workload"
cp /bin/busybox "$root/bin/"
for library in $(ldd "$tests" "$target/release/examples/workload" | grep -o '/lib[^ ]* ' | sort -u); do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done

cat > "$root/bin/workloads" << 'END'
for name in W1 W2 W3 W4 W5 W6 W7 W8; do
    for precision in f64 f32 f32-noise; do
        case $name-$precision in W[678]-f32*) continue ;; esac
        # 77 particles leave a rest in every block of registers.
        found=$(workload $name --precision $precision --n 77 --t 60 --threads 1 --reps 0)
        echo "$name $precision $(echo "$found" | grep -o '"checks":{[^}]*}')"
    done
done
END

# pulp takes AVX-512 where the processor has these five, and the kernel shows only what it lets programs use.
cat > "$root/init" << END
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t devtmpfs dev /dev
status=0
for flag in avx512f avx512bw avx512cd avx512dq avx512vl; do
    grep -qw \$flag /proc/cpuinfo || { echo "the guest has no \$flag"; status=1; }
done
tests --test-threads 1 $* || status=1
sh /bin/workloads
echo "status \$status"
poweroff -f
END
chmod +x "$root/init"

(cd "$root" && find . | cpio -o -H newc --quiet) > "$disc/initrd"
cp "$kernel"/boot/vmlinuz-* "$disc/linux"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$disc/"
# What is emulated is slow, so that the kernel checks nothing and times nothing. Bochs 2.7 gives a wrong size of the area of
# XSAVEC (321) and XSAVES (323), for which the kernel would switch AVX off.
cat > "$disc/isolinux.cfg" << 'END'
default linux
label linux
kernel linux
append initrd=initrd console=ttyS0,115200 loglevel=1 panic=-1 reboot=t clearcpuid=321,323 cryptomgr.notests mitigations=off nokaslr nosmp tsc=reliable tsc_early_khz=10000 lpj=40000 random.trust_cpu=on
END
xorriso -as mkisofs -quiet -o "$work/disc.iso" -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table \
    "$disc" 2> "$work/xorriso.log" || fail "no disc; see $work/xorriso.log"

cat > "$work/bochsrc" << END
display_library: term
cpu: model=corei7_skylake_x, ips=10000000, reset_on_triple_fault=0
megs: 1024
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata0-master: type=cdrom, path=$work/disc.iso, status=inserted
boot: cdrom
clock: sync=none
com1: enabled=1, mode=file, dev=$work/console
log: $work/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
END
# Debian builds Bochs with its debugger, which waits for a word before it goes on.
printf 'continue\nquit\n' > "$work/debugger"

say "the guest starts; this takes minutes"
: > "$work/console"
TERM=xterm timeout 7200 bochs-bin -q -rc "$work/debugger" -f "$work/bochsrc" > "$work/bochs.out" 2>&1 < /dev/null &
tail --pid=$! -n +1 -f "$work/console" | sed -u 's/\r$//' | tee "$work/output"

grep -q '^status ' "$work/output" || fail "the guest did not come to its end; see $work/bochs.log"
grep -q '^test .* \.\.\. ' "$work/output" || fail "no test has such a name: $*"
grep '^W[1-8] ' "$work/output" > "$work/emulated"
PATH=$root/bin:$PATH sh "$root/bin/workloads" > "$work/native"
diff "$work/native" "$work/emulated" || fail "the workloads differ from this machine's"
say "the workloads are this machine's to the last digit"
grep -q '^status 0$' "$work/output" || fail "a test failed or the guest had no AVX-512"
