//! Tells the linker where libtorch lies; without it, this room's tests would not find it when they start.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if let Some(library) = std::env::var_os("DEP_TCH_LIBTORCH_LIB") {
        println!(
            "cargo::rustc-link-arg=-Wl,-rpath,{}",
            library.to_string_lossy()
        );
    }
}
