//! Where tensors live: the processor, or a GPU.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use tch::Cuda;

use base::error::{Error, Result};
use simulation::device::Device;

unsafe extern "C" {
    fn dlopen(file: *const c_char, mode: c_int) -> *mut c_void;
    fn dlerror() -> *const c_char;
}

const NOW_FOR_ALL: c_int = 0x102;

/// Loads the part of libtorch that speaks to GPUs; the linker leaves it out, since nothing in the program names it.
/// Must run before libtorch is first asked for a GPU. The reason where it cannot be loaded.
fn cuda_library() -> std::result::Result<(), String> {
    static LOADED: OnceLock<std::result::Result<(), String>> = OnceLock::new();
    let load = || {
        // SAFETY: the name ends in a zero byte, and dlerror's answer is copied before anything else is loaded.
        unsafe {
            if !dlopen(c"libtorch_cuda.so".as_ptr(), NOW_FOR_ALL).is_null() {
                return Ok(());
            }
            let reason = dlerror();
            Err(if reason.is_null() {
                "no reason given".to_string()
            } else {
                CStr::from_ptr(reason).to_string_lossy().into_owned()
            })
        }
    };
    LOADED.get_or_init(load).clone()
}

/// The device that `--device` names.
///
/// # Errors
/// A GPU that is not there: why, and what to do.
pub fn find(device: Device) -> Result<tch::Device> {
    // More threads would change sums in their last digits; cells and members are run side by side instead.
    tch::set_num_threads(1);
    let gpu = |index: usize| {
        cuda_library().map_err(|why| format!("libtorch's CUDA part cannot be loaded: {why}"))?;
        match usize::try_from(Cuda::device_count()).unwrap_or(0) {
            0 => Err("libtorch sees no CUDA device".to_string()),
            count if index >= count => Err(format!("there are {count}, numbered from 0")),
            _ => Ok(tch::Device::Cuda(index)),
        }
    };
    match device {
        Device::Cpu => Ok(tch::Device::Cpu),
        Device::Auto => Ok(gpu(0).unwrap_or(tch::Device::Cpu)),
        Device::Cuda(index) => gpu(index).map_err(|why| {
            Error::Input(format!(
                "--device cuda:{index} cannot be used: {why}; take --device cpu, or auto for a GPU where there is one"
            ))
        }),
    }
}

/// What libtorch does in `work`; its own failures, such as memory that is not there, become errors.
///
/// # Errors
/// What `work` fails with, or libtorch's message.
pub fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(Error::Failed(format!(
            "libtorch failed: {message}; if memory ran out, take fewer members at once (training.together) or smaller batches"
        )))
    })
}
