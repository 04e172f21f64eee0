//! Experiments on a data set of the user's, from small files that the test writes, and devices that are not there.

use std::path::Path;

use kramers::experiment::context::{Context, Quiet};
use kramers::experiment::load::Experiment;
use kramers::network::device;
use kramers::network::protocol::vocabulary;
use kramers::simulation::device::Device;

/// MNIST's four files with `train` and `test` images of 28 × 28 pixels, whose class is the number of bright rows.
fn write_mnist(folder: &Path, train: u32, test: u32) {
    for (part, n) in [("train", train), ("t10k", test)] {
        let mut images = [2051u32, n, 28, 28].map(u32::to_be_bytes).concat();
        let mut labels = [2049u32, n].map(u32::to_be_bytes).concat();
        for i in 0..n {
            let class = (i % 10) as usize;
            let mut image = [0u8; 784];
            image[..(2 + 2 * class) * 28].fill(200);
            image[(i as usize * 37) % 784] = 255;
            images.extend(image);
            labels.push(class as u8);
        }
        std::fs::write(folder.join(format!("{part}-images-idx3-ubyte")), images).unwrap();
        std::fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), labels).unwrap();
    }
}

/// A small residual network with batch normalisation learns crops of such images from the folder: the whole path of the
/// tables on CIFAR.
#[test]
fn a_residual_network_learns_from_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    write_mnist(folder.path(), 60, 20);
    let text = format!(
        r#"
name = "folder"
protocol = "network-training"
[data]
name = "mnist"
folder = {:?}
standardised = true
augment = {{ padding = 1, flip = false }}
[model]
name = "resnet-32"
width = 2
precision = "f32"
[training]
seeds = 2
together = 2
batch = 20
steps = 80
[[optimizer]]
name = "adam"
eta = 0.01
"#,
        folder.path()
    );
    let out = tempfile::tempdir().unwrap();
    let context = Context::new(1, "standard", out.path().into(), 2).unwrap();
    let experiment =
        Experiment::parse_with("folder.toml", &text, "standard", &[], &vocabulary()).unwrap();
    let record = experiment.run(&context, &Quiet).unwrap();
    let of = |quantity: &str| {
        let found = record.estimates.iter().find(|e| e.quantity == quantity);
        found.and_then(|e| e.measured.as_ref()?.value).unwrap()
    };
    assert!(of("training loss") < 1.5, "{}", of("training loss"));
    assert_eq!(of("steps"), 80.0);
}

/// The shipped files that take CIFAR-10 from a folder.
const ON_CIFAR: [&str; 6] = [
    "pnm/table1.toml",
    "pnm/fig4-cifar10.toml",
    "pnm/fig7-cifar10.toml",
    "adai/table2.toml",
    "adai/fig7-cifar10.toml",
    "marginal-value/fig1.toml",
];

/// CIFAR-10's six files with `n` images each, whose class is that of their brightest plane and rows.
fn write_cifar(folder: &Path, n: u8) {
    let names = (1..=5).map(|k| format!("data_batch_{k}.bin"));
    for (k, name) in names.chain(["test_batch.bin".into()]).enumerate() {
        let record = |i: u8| {
            let class = (i + k as u8) % 10;
            let mut bytes = vec![20; 3073];
            bytes[0] = class;
            bytes[1 + 300 * class as usize..][..300].fill(220);
            bytes
        };
        let bytes: Vec<u8> = (0..n).flat_map(record).collect();
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

/// Every file on CIFAR-10 runs from such a folder to its verdicts, with a small network in place of its own.
#[test]
fn files_on_cifar_run_on_a_small_folder() {
    let folder = tempfile::tempdir().unwrap();
    write_cifar(folder.path(), 4);
    let at = format!("data.folder={:?}", folder.path());
    let small = [
        "model={ name = \"resnet-32\", width = 2, precision = \"f32\" }",
        "training.batch=5",
        "training.look_every_epochs=1",
    ];
    for path in ON_CIFAR {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("experiments")
            .join(path);
        let mut set: Vec<String> = small.map(String::from).to_vec();
        set.push(at.clone());
        if path == "adai/fig7-cifar10.toml" {
            set.push("end.curvature={ probes = 2, draws = 2, radius = 0.01 }".into());
        }
        let experiment = Experiment::read_with(&file, "smoke", &set, &vocabulary()).unwrap();
        let out = tempfile::tempdir().unwrap();
        let context = Context::new(1, "smoke", out.path().into(), 2).unwrap();
        let record = experiment.run(&context, &Quiet).unwrap();
        let steps = record.estimates.iter().find(|e| e.quantity == "steps");
        // Twenty images in batches of five.
        let taken = steps.and_then(|e| e.measured.as_ref()?.value);
        assert_eq!(taken, Some(4.0), "{path}");
        assert!(!record.verdicts.claims.is_empty(), "{path}");
    }
}

/// The shipped tables say what they need where no folder is named, or a wrong one.
#[test]
fn tables_say_what_they_need() {
    for path in ON_CIFAR {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("experiments")
            .join(path);
        let refusal = Experiment::read_with(&file, "smoke", &[], &vocabulary()).unwrap_err();
        assert!(
            refusal.to_string().contains("--set data.folder="),
            "{refusal}"
        );
        assert_eq!(refusal.exit_code(), 2);
        let empty = tempfile::tempdir().unwrap();
        let folder = format!("data.folder={:?}", empty.path());
        let experiment = Experiment::read_with(&file, "smoke", &[folder], &vocabulary()).unwrap();
        let context = Context::new(1, "smoke", empty.path().join("out"), 1).unwrap();
        let missing = experiment.run(&context, &Quiet).err().unwrap();
        assert!(
            missing.to_string().contains("data_batch_1.bin"),
            "{missing}"
        );
        assert_eq!(missing.exit_code(), 2);
    }
}

/// A language model learns a text in which every word is followed by one and the same.
#[test]
fn a_language_model_learns_from_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let line = "the one who asks is the one who knows <unk>\n";
    for part in ["train", "valid", "test"] {
        let path = folder.path().join(format!("ptb.{part}.txt"));
        std::fs::write(path, line.repeat(30)).unwrap();
    }
    let text = format!(
        r#"
name = "text"
protocol = "network-training"
[data]
name = "penn-treebank"
folder = {:?}
window = 11
[model]
name = "lstm"
hidden = 12
[training]
seeds = 2
together = 2
batch = 10
steps = 60
[[optimizer]]
name = "adam"
eta = 0.03
"#,
        folder.path()
    );
    let out = tempfile::tempdir().unwrap();
    let context = Context::new(1, "standard", out.path().into(), 1).unwrap();
    let experiment =
        Experiment::parse_with("text.toml", &text, "standard", &[], &vocabulary()).unwrap();
    let record = experiment.run(&context, &Quiet).unwrap();
    let found = record
        .estimates
        .iter()
        .find(|e| e.quantity == "test accuracy");
    let accuracy = found.and_then(|e| e.measured.as_ref()?.value).unwrap();
    assert!(accuracy > 0.8, "{accuracy}");
}

/// Where there is no GPU, to ask for one is unusable input, and `auto` is the processor.
#[test]
fn a_gpu_that_is_not_there_is_refused_in_a_sentence() {
    if let Err(refusal) = device::find(Device::Cuda(0)) {
        let message = refusal.to_string();
        assert!(
            message.contains("--device cuda:0 cannot be used"),
            "{message}"
        );
        assert!(message.contains("--device cpu"), "{message}");
        assert_eq!(refusal.exit_code(), 2);
        assert_eq!(
            device::find(Device::Auto).unwrap(),
            kramers::network::tch::Device::Cpu
        );
    }
    assert!(device::find(Device::Cuda(4096)).is_err());
    assert_eq!(
        device::find(Device::Cpu).unwrap(),
        kramers::network::tch::Device::Cpu
    );
}
