//! Between tensors and the lab's own vectors and matrices.

use nalgebra::{DMatrix, DVector};
use tch::{Device, Kind, Tensor};

/// The numbers of a tensor, in order.
pub fn numbers(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor
        .detach()
        .to_device(Device::Cpu)
        .to_kind(Kind::Double)
        .flatten(0, -1)
        .contiguous();
    let mut values = vec![0.0; flat.numel()];
    let count = values.len();
    flat.copy_data(&mut values, count);
    values
}

/// The rows of a tensor of two dimensions.
pub fn rows(tensor: &Tensor) -> Vec<Vec<f64>> {
    let width = tensor.size().last().map_or(1, |n| *n as usize);
    numbers(tensor)
        .chunks(width.max(1))
        .map(<[f64]>::to_vec)
        .collect()
}

/// A tensor of two dimensions as a matrix.
pub fn matrix(tensor: &Tensor) -> DMatrix<f64> {
    let size = tensor.size();
    DMatrix::from_row_slice(size[0] as usize, size[1] as usize, &numbers(tensor))
}

/// A tensor as a vector.
pub fn vector(tensor: &Tensor) -> DVector<f64> {
    DVector::from_vec(numbers(tensor))
}

/// The tensor of these numbers, of the kind and on the device of `like`.
pub fn tensor(values: &[f64], shape: &[i64], like: &Tensor) -> Tensor {
    Tensor::from_slice(values)
        .reshape(shape)
        .to_kind(like.kind())
        .to_device(like.device())
}
