//! Papers: those that the program carries, and a user's own folder.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use predicates::prelude::*;

use super::{has, json, kramers};
use kramers::cli::Program;
use kramers::cli::catalogue::Catalogue;
use kramers::experiment::paper::{FILE, Papers, named, tied};
use kramers::experiment::spec::{Document, Section};
use kramers::verdict::Role;

fn catalogue() -> Catalogue {
    let program = Program {
        revision: None,
        shipped: kramers::SHIPPED,
    };
    program.catalogue().unwrap()
}

fn carried() -> Papers {
    catalogue().papers
}

fn experiments() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("experiments")
}

/// Every file below `experiments/`, as the catalogue names them.
fn files() -> Vec<String> {
    let mut files = Vec::new();
    for folder in std::fs::read_dir(experiments()).unwrap() {
        let folder = folder.unwrap();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let names = [folder.file_name(), file.unwrap().file_name()];
            let [folder, file] = names.map(|name| name.into_string().unwrap());
            files.push(format!("{folder}/{file}"));
        }
    }
    files.sort();
    files
}

#[test]
fn the_program_carries_every_file() {
    let carried: Vec<&str> = kramers::SHIPPED.iter().map(|file| file.path).collect();
    assert_eq!(carried, files());
    let catalogue = catalogue();
    assert_eq!(
        catalogue.experiments.len() + catalogue.papers.all().count() + catalogue.rules.len(),
        carried.len(),
        "a file is an experiment, a paper or rules"
    );
    let rules = catalogue.rules.iter();
    assert!(rules.clone().count() >= 6);
    assert!(rules.clone().all(|file| file.path.starts_with("rules/")));
}

#[test]
fn experiments_come_as_their_papers_appeared_and_as_claims_name_them() {
    let catalogue = catalogue();
    let keys: Vec<&str> = catalogue.papers.all().map(|p| p.key.as_str()).collect();
    assert_eq!(keys, ["lab", "sme", "pnm", "adai", "fl", "mv"]);
    assert_eq!(catalogue.experiments[0].path, "lab/calibration.toml");
    let ordered = |first: &str, second: &str| {
        assert!(
            catalogue.place(first) < catalogue.place(second),
            "{first}, {second}"
        );
    };
    ordered("momentum-noise", "posterior-rotated");
    ordered("posterior-rotated", "density-constant");
    ordered("convergence-pnm", "convergence-adai");
    ordered("weak-approximation", "network-label-noise");
    assert_eq!(catalogue.place("mine"), usize::MAX);
    // Those that ask for a folder of the user's come last.
    let on_data = |text: &str| text.contains("folder = \"\"");
    let all = &catalogue.experiments;
    let first = all.iter().position(|file| on_data(file.text)).unwrap();
    let last: Vec<&str> = all[first..].iter().map(|file| file.path).collect();
    assert!(
        all[first..].iter().all(|file| on_data(file.text)) && last.contains(&"pnm/table1.toml"),
        "{last:?}"
    );
}

#[test]
fn every_claim_is_one_and_its_files_are_there() {
    let papers = carried();
    let ids: HashSet<&str> = papers.claims().map(|claim| claim.id.as_str()).collect();
    assert_eq!(ids.len(), papers.claims().count());
    let files = files();
    for claim in papers.claims() {
        for file in claim.files() {
            assert!(files.iter().any(|there| there == file), "{file}");
        }
        assert!(!claim.statement.is_empty(), "{}", claim.id);
    }
}

/// Both ways: a paper that names another file than decides its claim fails here.
#[test]
fn claims_and_the_experiments_that_decide_them_name_each_other() {
    let papers = carried();
    for experiment in catalogue().experiments {
        let document = Document::parse(experiment.path, experiment.text).unwrap();
        let claims = named(&Section::new("", &document.root).unwrap(), &papers).unwrap();
        for paper in papers.all() {
            tied(paper, experiment.path, &claims).unwrap();
        }
        for (claim, role) in &claims {
            if let (Role::Decides, Some(paper)) = (role, papers.paper(&claim.paper)) {
                let elsewhere = tied(paper, "lab/x.toml", &claims).unwrap_err().to_string();
                assert!(elsewhere.contains("lab/x.toml: it decides"), "{elsewhere}");
            }
        }
    }
}

#[test]
fn every_work_has_an_entry() {
    let papers = carried();
    let keys: HashSet<&str> = papers.works().map(|work| work.key.as_str()).collect();
    assert_eq!((keys.len(), papers.works().count()), (11, 11));
    for work in papers.works() {
        let entry = work.bibtex();
        let (open, close) = (entry.matches('{').count(), entry.matches('}').count());
        assert_eq!(open, close, "{entry}");
        assert!(entry.contains(&format!("{{{},\n", work.key)), "{entry}");
    }
    assert_eq!(
        papers.work("hanggi-1990").unwrap().bibtex(),
        "@article{hanggi-1990,\n  author  = {Hänggi, Peter and Talkner, Peter and Borkovec, Michal},\n  \
         title   = {Reaction-Rate Theory: Fifty Years after {Kramers}},\n  journal = {Reviews of Modern Physics},\n  \
         volume  = {62},\n  number  = {2},\n  pages   = {251--341},\n  year    = {1990}\n}"
    );
    assert_eq!(
        papers.work("marginal-value").unwrap().bibtex(),
        "@inproceedings{marginal-value,\n  author    = {Wang, Runzhe and Malladi, Sadhika and Wang, Tianhao and Lyu, \
         Kaifeng and Li, Zhiyuan},\n  title     = {The Marginal Value of Momentum for Small Learning Rate {SGD}},\n  \
         booktitle = {International Conference on Learning Representations},\n  year      = {2024}\n}"
    );
}

#[test]
fn papers_and_claims_are_listed_and_described() {
    let here = tempfile::tempdir().unwrap();
    let at = here.path();
    let papers = json(at, &["list", "papers", "--json"]);
    let papers = papers.as_array().unwrap();
    assert_eq!(papers.len(), 6);
    for paper in papers {
        has(
            paper,
            &["key", "title", "folder", "claims", "experiments", "bibtex"],
        );
        assert!(!paper["experiments"].as_array().unwrap().is_empty());
    }
    let claim = json(at, &["describe", "pnm.eq15", "--json"]);
    has(
        &claim,
        &["statement", "place", "exact", "regime", "experiment"],
    );
    assert_eq!(claim["experiment"], "pnm/posterior-sgd.toml");
    for (name, texts) in [
        (
            "pnm.eq15",
            &[
                "Σ_sgd = (η/2B) I.",
                "eq. 15",
                "experiments/pnm/posterior-sgd.toml",
            ][..],
        ),
        (
            "mv",
            &[
                "The Marginal Value of Momentum",
                "mv.thm4.5",
                "marginal-value/svag.toml",
            ],
        ),
        ("marginal-value", &["mv.thm4.5"]),
    ] {
        let text = kramers(at).args(["describe", name]).assert().success();
        let text = String::from_utf8_lossy(&text.get_output().stdout).into_owned();
        for part in texts {
            assert!(text.contains(part), "{part} | {text}");
        }
    }
    kramers(at)
        .args(["describe", "pnm.eq51"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("did you mean `pnm.eq15`?"));
    kramers(at)
        .args(["list", "papers"])
        .assert()
        .success()
        .stdout(predicate::str::contains(format!(
            "{} claims, {} experiments",
            carried().paper("pnm").unwrap().claims.len(),
            files()
                .iter()
                .filter(|file| file.starts_with("pnm/"))
                .count()
                - 1
        )));
}

#[test]
fn what_new_writes_runs_at_once_and_is_never_overwritten() {
    let here = tempfile::tempdir().unwrap();
    let at = here.path();
    for (what, name, run) in [
        ("experiment", "mine", ["run", "mine.toml"]),
        ("paper", "thing", ["reproduce", "thing"]),
    ] {
        kramers(at).args(["new", what, name]).assert().success();
        kramers(at)
            .args(run)
            .args(["--scale", "smoke"])
            .assert()
            .success();
        kramers(at)
            .args(["new", what, name])
            .assert()
            .code(2)
            .stderr(predicate::str::contains("is there already"));
    }
    for (what, name, why) in [
        ("experiment", "../x", "letters, digits"),
        ("paper", "pnm", "is the key of “Positive-Negative Momentum"),
    ] {
        kramers(at)
            .args(["new", what, name])
            .assert()
            .code(2)
            .stderr(predicate::str::contains(why));
    }
    assert!(!at.join("pnm").exists());
}

/// A folder `thing` with a paper that appeared, whose experiment cites it.
fn folder() -> tempfile::TempDir {
    let here = tempfile::tempdir().unwrap();
    let at = here.path();
    kramers(at)
        .args(["new", "paper", "thing"])
        .assert()
        .success();
    change(at, FILE, "# authors = [", "authors = [");
    change(at, FILE, "# year", "year");
    change(
        at,
        "first.toml",
        "\n\n[landscape]",
        "\ncites = [\"thing\", \"kramers-1940\"]\n\n[landscape]",
    );
    here
}

fn change(at: &Path, file: &str, old: &str, new: &str) {
    let path = at.join("thing").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{old}");
    std::fs::write(path, text.replacen(old, new, 1)).unwrap();
}

#[test]
fn a_folder_of_ones_own_has_verdicts_a_report_and_a_bibliography() {
    let here = folder();
    let at = here.path();
    let smoke = ["--scale", "smoke", "--json"];
    let whole = ["reproduce", "thing", "--out", "whole"];
    let document = json(at, &[&whole[..], &smoke].concat());
    let claims = document["claims"].as_array().unwrap();
    let verdicts: Vec<_> = claims.iter().map(|c| (&c["id"], &c["verdict"])).collect();
    let confirmed = "confirmed".into();
    assert_eq!(
        verdicts,
        [
            (&"thing.variance".into(), &confirmed),
            (&"thing.order".into(), &confirmed)
        ]
    );
    let page = |out: &str| std::fs::read_to_string(at.join(out).join("report.html")).unwrap();
    let first = page("whole");
    for part in [
        "The variance is of order 1 in η.",
        "@misc{thing",
        "@article{kramers-1940",
        "for SGD on a quadratic",
    ] {
        assert!(first.contains(part), "{part}");
    }
    assert!(at.join("whole/thing-first/manifest.json").is_file());
    // The record alone gives the page again, the work that only the folder knows included.
    kramers(at)
        .args(["report", "whole", "--out", "again"])
        .assert()
        .success();
    assert!(page("again") == first);
    for index in ["0", "1"] {
        let share = [
            "shard",
            "thing/first.toml",
            "--index",
            index,
            "--of",
            "2",
            "--out",
        ];
        json(
            at,
            &[&share[..], &[&format!("share{index}")], &smoke].concat(),
        );
    }
    std::fs::rename(at.join("thing"), at.join("gone")).unwrap();
    json(
        at,
        &["merge", "share0", "share1", "--out", "merged", "--json"],
    );
    let text = |out: &str| std::fs::read(at.join(out).join("thing-first/text.json")).unwrap();
    assert!(text("merged") == text("whole"));
    // The file alone knows the paper beside it.
    let run = ["run", "gone/first.toml", "--out", "alone"];
    json(at, &[&run[..], &smoke].concat());
    assert!(text("alone") == text("whole"));
}

#[test]
fn a_paper_of_ones_own_is_listed_and_described() {
    let here = folder();
    let at = here.path();
    let said = |from: &Path, words: &[&str]| {
        let told = kramers(from).args(words).assert().success();
        String::from_utf8_lossy(&told.get_output().stdout).into_owned()
    };
    let inside = at.join("thing");
    let claim = [
        "Var θ = ηC/(2h).",
        "A paper of one's own, eq. 1",
        "predicts     eta*noise_variance/(2*h)",
        "conditions   eta*h_max <= 0.1",
        "first.toml",
    ];
    // By the paper's key beside its folder, within it, and wherever it lies.
    let ways: [(&Path, &[&str]); 4] = [
        (at, &["describe", "thing.variance"]),
        (&inside, &["describe", "thing.variance"]),
        (at, &["describe", "thing.variance", "thing/paper.toml"]),
        (
            Path::new("/"),
            &["describe", "thing.variance", inside.to_str().unwrap()],
        ),
    ];
    for (from, words) in ways {
        let text = said(from, words);
        for part in claim {
            assert!(text.contains(part), "{words:?} {part} | {text}");
        }
    }
    for name in ["thing", "./thing", "thing/paper.toml"] {
        let text = said(at, &["describe", name]);
        for part in [
            "authors      Family, Given",
            "thing.order",
            "thing/first.toml",
        ] {
            assert!(text.contains(part), "{name} {part} | {text}");
        }
    }
    let claims = json(at, &["claims", "thing", "--json"]);
    let ids: Vec<&str> = claims
        .as_array()
        .unwrap()
        .iter()
        .map(|claim| claim["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["thing.variance", "thing.order"]);
    let listed = said(&inside, &["claims", "."]);
    assert!(listed.contains("./first.toml"), "{listed}");
    std::fs::create_dir(at.join("empty")).unwrap();
    let refusals: [(&[&str], &str); 5] = [
        (
            &["describe", "thing.varianec"],
            "did you mean `thing.variance`?",
        ),
        (
            &["describe", "thing.orders", "thing"],
            "did you mean `thing.order`?",
        ),
        (&["describe", "empty"], "empty has no paper.toml"),
        (&["describe", "adam", "nowhere"], "nowhere is no folder"),
        (&["claims", "empty"], "empty has no paper.toml"),
    ];
    for (words, why) in refusals {
        let refusal = kramers(at).args(words).assert().code(2);
        refusal.stderr(predicate::str::contains(why));
    }
    // A paper that cannot be read hides no name of the program's.
    change(at, FILE, "[paper]", "[papre]");
    said(&inside, &["describe", "adam"]);
    kramers(at)
        .args(["describe", "thing"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains("did you mean `paper`?"));
}

/// The paper has the prediction and its condition; the study says how closely it is held.
#[test]
fn what_a_study_leaves_out_comes_from_its_paper() {
    let here = tempfile::tempdir().unwrap();
    let at = here.path();
    std::fs::create_dir(at.join("own")).unwrap();
    let write = |name: &str, text: &str| std::fs::write(at.join("own").join(name), text).unwrap();
    write(
        FILE,
        "[paper]\nkey = \"own\"\ntitle = \"Own\"\n[[claim]]\nid = \"var\"\nplace = \"eq. 1\"\nstatement = \"Var x = ησ²/2\"\n\
         predicts = \"eta*noise_variance/2\"\nholds = [\"eta*h_max <= 0.1\"]\nexperiment = \"var.toml\"\n",
    );
    write(
        "var.toml",
        "name = \"own-var\"\nprotocol = \"study\"\n[landscape]\nexpression = \"0.5*x^2\"\n\
         [noise]\nname = \"gaussian\"\nvariance = 1.0\n[[process]]\noptimizer = \"sgd\"\neta = [0.02, 0.5]\n\
         [[observe]]\nlabel = \"v\"\nname = \"moment\"\nof = \"x^2\"\ntime = 10.0\n[ensemble]\nparticles = 4000\n\
         [[claim]]\nid = \"own.var\"\nquantity = \"v\"\nwithin = \"20 %\"\n",
    );
    json(at, &["check", "own/var.toml", "--json"]);
    let document = json(at, &["reproduce", "own", "--json"]);
    let claim = &document["claims"][0];
    assert_eq!(claim["verdict"], "confirmed", "{claim}");
    let cells = claim["cells"].as_array().unwrap();
    let verdict = |n: usize| (&cells[n]["verdict"], &cells[n]["paper"]);
    assert!(verdict(0) == (&"confirmed".into(), &0.01.into()), "{claim}");
    assert_eq!(cells[1]["verdict"], "out-of-scope", "{claim}");
    let page = std::fs::read_to_string(at.join("results/report.html")).unwrap();
    assert!(page.contains("Var x = ησ²/2"));
}

#[test]
fn a_folder_that_cannot_be_reproduced_says_why_and_runs_nothing() {
    let refused = |folder: &str, why: &[&str], spoil: &dyn Fn(&Path)| {
        let here = self::folder();
        let at = here.path();
        spoil(at);
        let refusal = kramers(at).args(["reproduce", folder]).assert().code(2);
        let sentence = String::from_utf8_lossy(&refusal.get_output().stderr).into_owned();
        for part in why {
            assert!(sentence.contains(part), "{part} | {sentence}");
        }
        assert!(!at.join("results").exists(), "nothing is run");
    };
    let edit = |file: &'static str, old: &'static str, new: &'static str| {
        move |at: &Path| change(at, file, old, new)
    };
    refused("nowhere", &["nowhere is no folder"], &|_| ());
    refused(".", &["has no paper.toml", "kramers new paper"], &|_| ());
    // Experiments without a paper: how to run them.
    refused(
        "studies",
        &[
            "studies has no paper.toml",
            "kramers run studies/adam-student.toml",
            "kramers reproduce --only 'studies/*'",
        ],
        &|at| {
            let to = at.join("studies");
            std::fs::create_dir(&to).unwrap();
            std::fs::copy(
                experiments().join("studies/adam-student.toml"),
                to.join("adam-student.toml"),
            )
            .unwrap();
        },
    );
    refused(
        "gone",
        &[
            "gone has no paper.toml",
            "kramers run gone/first.toml; `kramers new paper",
        ],
        &|at| {
            std::fs::rename(at.join("thing"), at.join("gone")).unwrap();
            std::fs::remove_file(at.join("gone").join(FILE)).unwrap();
        },
    );
    refused(
        "thing",
        &[
            "thing/paper.toml:3:",
            "`pnm` is taken by “Positive-Negative Momentum",
        ],
        &edit(FILE, "key = \"thing\"", "key = \"pnm\""),
    );
    refused(
        "thing",
        &["thing/first.toml:1", "not TOML"],
        &edit("first.toml", "# What", "[What"),
    );
    refused(
        "thing",
        &[
            "`claim.id`",
            "unknown claim `thing.variants`; did you mean `thing.variance`?",
        ],
        &edit("first.toml", "thing.variance", "thing.variants"),
    );
    refused(
        "thing",
        &["`cites`", "unknown work `thong`; did you mean `thing`?"],
        &edit("first.toml", "[\"thing\"", "[\"thong\""),
    );
    refused(
        "thing",
        &[
            "`thing.variance`",
            "fisrt.toml, which is not there; did you mean first.toml?",
        ],
        &edit(FILE, "\"first.toml\"", "\"fisrt.toml\""),
    );
    refused(
        "thing",
        &[
            "said to be decided by thing/first.toml",
            "role = \"decides\"",
        ],
        &edit(
            "first.toml",
            "within = 0.1",
            "within = 0.1\nrole = \"control\"",
        ),
    );
    refused(
        "thing",
        &["`claim.checks.value`", "comes to 0.025"],
        &edit(FILE, "value = 0.025", "value = 0.026"),
    );
    refused(
        "thing",
        &["thing/second.toml", "is called `thing-first` too"],
        &|at| {
            let thing = at.join("thing");
            std::fs::copy(thing.join("first.toml"), thing.join("second.toml")).unwrap();
            let also = "experiment = \"first.toml\"\nalso = [\"second.toml\"]";
            change(
                at,
                FILE,
                "experiment = \"first.toml\"\n",
                &format!("{also}\n"),
            );
            change(
                at,
                FILE,
                "experiment = \"first.toml\" ",
                &format!("{also} "),
            );
        },
    );
    refused(
        "thing",
        &["thing/second.toml: it decides `thing.variance`"],
        &|at| {
            let thing = at.join("thing");
            std::fs::copy(thing.join("first.toml"), thing.join("second.toml")).unwrap();
        },
    );
}
