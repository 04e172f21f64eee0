//! What `paper.toml` may say, and what is said where it may not.

use super::*;
use crate::load::Experiment;
use crate::vocabulary::Vocabulary;
use verdict::Role;

const WHOLE: &str = r#"
[paper]
key = "mine"
title = "On {SGD}"
authors = ["Doe, Jane", "Hänggi, Peter"]
year = 2026
journal = "Physica"
pages = "1–9"

[[work]]
key = "other"
title = "Another"
authors = ["Doe, Jane"]
year = 2025
arxiv = "2501.00001"

[[claim]]
id = "eq1"
place = "eq. 1"
statement = "Σ = (η/2B) I"
predicts = "eta/(2*batch)"
rival = "eta/batch"
holds = ["eta*h_max <= 0.1"]
checks = [{ at = { eta = 0.1, batch = 4 }, value = 0.0125 }]
experiment = "first.toml"
also = ["../theirs/second.toml"]

[[claim]]
id = "order"
place = "eq. 2"
statement = "of order 1"
predicts = 1
status = "needs data"
why = "There are none."
"#;

fn read(text: &str) -> std::result::Result<Paper, String> {
    let mut papers = Papers::carried([("experiments/old/paper.toml", OLD)]).unwrap();
    papers
        .take("papers/folder/paper.toml", text)
        .map_err(|error| error.to_string())
}

const OLD: &str = "[paper]\nkey = \"old\"\ncite = \"old-1999\"\ntitle = \"Old\"\nauthors = [\"Doe, John\"]\nyear = 1999\n\
                   [[claim]]\nid = \"a\"\nplace = \"eq. 1\"\nstatement = \"…\"\nexperiment = \"a.toml\"\n";

#[test]
fn a_paper_has_its_claims_and_works() {
    let paper = read(WHOLE).unwrap();
    assert_eq!(
        (paper.key.as_str(), paper.folder.as_str()),
        ("mine", "folder")
    );
    assert_eq!(paper.title, "On SGD");
    let keys: Vec<&str> = paper.works().map(|work| work.key.as_str()).collect();
    assert_eq!(keys, ["mine", "other"]);
    let entry = paper.work.as_ref().unwrap().bibtex();
    assert!(entry.contains("title   = {On {SGD}}"), "{entry}");
    let [eq1, order] = &paper.claims[..] else {
        panic!("{:?}", paper.claims)
    };
    assert_eq!(eq1.id, "mine.eq1");
    let files: Vec<&str> = eq1.files().collect();
    assert_eq!(files, ["folder/first.toml", "theirs/second.toml"]);
    assert_eq!(order.predicts.as_deref(), Some("1"));
    assert_eq!(eq1.rival.as_deref(), Some("eta/batch"));
    assert_eq!(order.experiment, None);
}

#[test]
fn a_paper_that_the_program_carries_is_itself() {
    let mut papers = Papers::carried([("experiments/old/paper.toml", OLD)]).unwrap();
    papers.take("elsewhere/old/paper.toml", OLD).unwrap();
    assert_eq!((papers.all().count(), papers.own()), (1, None));
    assert!(papers.paper("old-1999").is_some() && papers.claim("old.a").is_some());
    let message = papers.unknown("old.b").to_string();
    assert!(message.contains("did you mean `old.a`?"), "{message}");
}

/// Each change, and what the refusal says: at its line and column, with what to do.
#[test]
fn what_cannot_be_is_refused_at_its_place() {
    for (old, new, reasons) in [
        ("[paper]", "[papre]", &["did you mean `paper`?"][..]),
        (
            "key = \"mine\"",
            "key = \"old\"",
            &[":3:7", "`old` is taken by “Old”"],
        ),
        (
            "key = \"mine\"",
            "key = \"a.b\"",
            &["letters, digits, - and _"],
        ),
        (
            "key = \"mine\"",
            "key = \"mine\"\ncite = \"old-1999\"",
            &[":4:8", "in the bibliography already"],
        ),
        (
            "key = \"other\"",
            "key = \"old-1999\"",
            &[":11:7", "“Old”, 1999"],
        ),
        (
            "key = \"other\"",
            "key = \"mine\"",
            &["`mine` is here twice"],
        ),
        ("On {SGD}", "On {SGD", &["braces do not match"]),
        ("On {SGD}", "On }SGD{", &["braces do not match"]),
        ("Hänggi", "H\\\\\\\"anggi", &["the letter itself"]),
        (
            "\"Doe, Jane\", \"H",
            "\"\", \"H",
            &["an author without a name"],
        ),
        ("year = 2026", "yaer = 2026", &["did you mean `year`?"]),
        (
            "journal = ",
            "venue = \"V\"\njournal = ",
            &["leave one out"],
        ),
        (
            "authors = [\"Doe, Jane\"]\nyear = 2025\narxiv = \"2501.00001\"",
            "",
            &["authors and a year"],
        ),
        (
            "id = \"eq1\"",
            "id = \"mine.eq1\"",
            &["without the paper's key: `eq1`"],
        ),
        ("id = \"eq1\"", "id = \"eq 1\"", &["no id"]),
        ("id = \"order\"", "id = \"eq1\"", &["`eq1` is here twice"]),
        (
            "statement = \"of",
            "statment = \"of",
            &["did you mean `statement`?"],
        ),
        (
            "eta/(2*batch)",
            "eta/(2*batch",
            &[":21:17", "`claim.predicts`"],
        ),
        ("eta*h_max <= 0.1", "eta*h_max <=", &["holds"]),
        (
            "value = 0.0125",
            "value = 0.125",
            &["comes to 0.0125 here, not to 0.125"],
        ),
        (
            "batch = 4 }",
            "bacth = 4 }",
            &["unknown name `batch`; did you mean `bacth`?"],
        ),
        ("predicts = \"eta/(2*batch)\"\n", "", &["nothing to check"]),
        (
            "\"eta/batch\"",
            "\"eta/(2*batch)\"",
            &[":22:9", "`claim.rival`: is what the claim predicts"],
        ),
        (
            "predicts = 1\n",
            "predicts = 1\nrival = \"2/2\"\n",
            &["`claim.rival`: is what the claim predicts"],
        ),
        (
            "predicts = 1\n",
            "rival = 2\n",
            &["nothing that it is the rival of"],
        ),
        ("\"eta/batch\"", "\"eta/\"", &[":22:14", "`claim.rival`"]),
        (
            "\"needs data\"",
            "\"needs date\"",
            &["did you mean `needs data`?"],
        ),
        (
            "why = \"There are none.\"",
            "",
            &["why the claim is “needs data”"],
        ),
        (
            "status = \"needs data\"\n",
            "",
            &["the file beside this one"],
        ),
        (
            "\"first.toml\"",
            "\"paper.toml\"",
            &["no experiment's file"],
        ),
        (
            "\"first.toml\"",
            "\"../../first.toml\"",
            &["no experiment's file"],
        ),
        (
            "experiment = \"first.toml\"\n",
            "status = \"needs data\"\nwhy = \"…\"\n",
            &["`experiment`, which is missing"],
        ),
        (
            "[[claim]]\nid = \"order\"",
            "[[clam]]\nid = \"order\"",
            &["unknown key `clam`", "did you mean `claim`?"],
        ),
    ] {
        assert!(WHOLE.contains(old), "{old}");
        let message = read(&WHOLE.replacen(old, new, 1)).expect_err(new);
        assert!(
            message.starts_with("papers/folder/paper.toml:"),
            "{message}"
        );
        for reason in reasons {
            assert!(message.contains(reason), "{new} | {message}");
        }
    }
}

#[test]
fn claims_and_the_experiments_that_decide_them_name_each_other() {
    let paper = read(WHOLE).unwrap();
    let stated = |role| vec![(paper.claims[0].clone(), role)];
    let refusal = |file: &str, claims: &[(Claim, Role)]| {
        tied(&paper, file, claims).map_err(|error| error.to_string())
    };
    assert_eq!(refusal("folder/first.toml", &stated(Role::Decides)), Ok(()));
    assert_eq!(refusal("folder/third.toml", &stated(Role::Control)), Ok(()));
    let without = refusal("folder/first.toml", &stated(Role::Analogue)).unwrap_err();
    assert!(
        without.contains("`mine.eq1` is said to be decided by"),
        "{without}"
    );
    let other = refusal("folder/third.toml", &stated(Role::Decides)).unwrap_err();
    assert!(
        other.contains("names folder/first.toml and theirs/second.toml"),
        "{other}"
    );
}

fn named_in(text: &str) -> std::result::Result<Vec<(Claim, Role)>, String> {
    let papers = Papers::carried([("experiments/old/paper.toml", OLD)]).unwrap();
    let document = Document::parse("f.toml", text).unwrap();
    let root = Section::new("", &document.root).unwrap();
    named(&root, &papers).map_err(|error| error.to_string())
}

#[test]
fn a_claim_is_a_papers_or_states_itself() {
    let own = "protocol = \"study\"\n[[claim]]\nid = \"mine.x\"\nstatement = \"x is 1\"\nquantity = \"x\"\n";
    let second =
        "[[claim]]\nid = \"mine.x\"\ncase = \"again\"\nquantity = \"x\"\nrole = \"control\"\n";
    let of_paper = "[[claim]]\nid = \"old.a\"\ncase = \"c\"\n";
    let found = named_in(&format!("{own}{second}{of_paper}")).unwrap();
    let shown: Vec<_> = found
        .iter()
        .map(|(claim, role)| (claim.id.as_str(), claim.statement.as_str(), *role))
        .collect();
    assert_eq!(
        shown,
        [
            ("mine.x", "x is 1", Role::Decides),
            ("old.a", "…", Role::Decides)
        ]
    );
    for (text, reasons) in [
        (
            own.replace("statement", "because")
                .replace("study", "escape"),
            ["f.toml:3:6", "has a `statement`"],
        ),
        (
            own.replace("mine.x", "old.b")
                .replace("statement", "because"),
            ["did you mean `old.a`?", "claims of “Old”"],
        ),
        (
            of_paper.replace("old.a", "old.b"),
            ["did you mean `old.a`?", "claims of “Old”"],
        ),
    ] {
        let message = named_in(&text).unwrap_err();
        for reason in reasons {
            assert!(message.contains(reason), "{message}");
        }
    }
}

#[test]
fn what_a_claim_by_formulas_leaves_out_comes_from_its_paper() {
    let mut papers = Papers::default();
    papers.take("papers/folder/paper.toml", WHOLE).unwrap();
    let completed = |protocol: &str, claim: &str| {
        let text = format!("protocol = \"{protocol}\"\n[[claim]]\nid = \"mine.eq1\"\n{claim}\n");
        let mut document = Document::parse("f.toml", &text).unwrap();
        complete(&mut document, &papers).unwrap();
        let root = Section::new("", &document.root).unwrap();
        let section = root.sections("claim").unwrap().remove(0);
        let text = |key: &'static str| section.text(key, Some("–")).unwrap();
        (
            text("statement"),
            text("predicts"),
            text("rival"),
            section.texts("holds").unwrap().len(),
        )
    };
    let of = |statement: &str, predicts: &str, rival: &str, holds: usize| {
        let [statement, predicts, rival] = [statement, predicts, rival].map(String::from);
        (statement, predicts, rival, holds)
    };
    let (also, batch) = ("eta/batch", "eta/(2*batch)");
    let said = "Σ = (η/2B) I";
    let within = "quantity = \"v\"\nwithin = 0.1";
    assert_eq!(completed("study", within), of(said, batch, also, 1));
    let several = format!("{within}\nrivals = [1]");
    assert_eq!(completed("study", &several), of(said, batch, "–", 1));
    let own = "quantity = \"v\"\nwithin = 0.1\npredicts = \"1\"\nholds = []";
    assert_eq!(completed("study", own), of(said, "1", also, 0));
    assert_eq!(
        completed("study", "quantity = \"v\"\nat_most = 1"),
        of(said, "–", also, 1)
    );
    assert_eq!(completed("posterior", within), of("–", batch, also, 0));
    assert_eq!(completed("escape", within), of("–", "–", "–", 0));
}

/// What a claim on second moments predicts comes from its paper: a function of the library, or a formula.
#[test]
fn second_moments_are_held_against_what_the_paper_says() {
    let text = |claim: &str| {
        format!(
            "name = \"p\"\nprotocol = \"posterior\"\n[landscape]\nhessian = [[2.0]]\n[noise]\nbatch = 1.0\n\
             [[optimizer]]\nname = \"sgd\"\neta = 0.1\n[ensemble]\nparticles = 100\n\
             [[claim]]\ncase = \"c\"\ntolerance = 0.1\n{claim}\n"
        )
    };
    let papers = |says: &str| {
        let paper = format!(
            "[paper]\nkey = \"own\"\ntitle = \"Own\"\n[[claim]]\nid = \"a\"\nplace = \"eq. 1\"\nstatement = \"…\"\n{says}\nexperiment = \"p.toml\"\n"
        );
        let mut papers = Papers::default();
        papers
            .take("own/paper.toml", &paper)
            .map(|_| papers)
            .map_err(|error| error.to_string())
    };
    let read = |says: &str, claim: &str| {
        let vocabulary = Vocabulary::default().with_papers(papers(says)?);
        let read = Experiment::parse_with("p.toml", &text(claim), "standard", &[], &vocabulary);
        let read = read.map_err(|error| error.to_string())?;
        let claim = read.protocol.to_json()["claims"][0]["prediction"].clone();
        Ok::<_, String>(claim.as_str().map(String::from))
    };
    let own = "id = \"own.a\"";
    let theory = "theory = \"pnm.posterior\"";
    let formula = "predicts = \"eta*noise_variance/(2*h)\"";
    for (says, claim, what) in [
        (theory.to_string(), own.to_string(), Some("pnm.posterior")),
        (formula.into(), own.into(), Some("eta*noise_variance/(2*h)")),
        // The function says what the formula does, and of matrices too.
        (
            format!("{formula}\n{theory}"),
            own.into(),
            Some("pnm.posterior"),
        ),
        (theory.into(), format!("{own}\npredicts = 0.5"), Some("0.5")),
        (
            String::new(),
            format!("{own}\nagainst = \"flattest\""),
            None,
        ),
    ] {
        assert_eq!(
            read(&says, &claim).unwrap().as_deref(),
            what,
            "{says} {claim}"
        );
    }
    for (says, claim, reasons) in [
        (
            "theory = \"pnm.postrior\"",
            own.to_string(),
            ["own/paper.toml:8:10", "did you mean `pnm.posterior`?"],
        ),
        (
            "",
            own.into(),
            ["p.toml:15:6", "nothing says what the claim predicts"],
        ),
        (
            "",
            format!("{own}\npredicts = \"eta*nois_variance\""),
            ["p.toml:16:17", "did you mean `noise_variance`?"],
        ),
        (
            "",
            format!("{own}\npredicts = \"eta*\""),
            ["p.toml:16:", "predicts"],
        ),
        (
            "",
            format!("{own}\ntheory = \"pnm.noise\""),
            ["p.toml:16:10", "unknown name `pnm.noise`"],
        ),
        (
            "",
            format!("{own}\npredicts = \"eta/2\"\nrival = \"0.5*eta\""),
            ["p.toml:17:9", "nothing could tell them apart"],
        ),
        (
            "",
            format!("{own}\npredicts = \"eta/2\"\nrival = \"0.5*etta\""),
            ["p.toml:17:14", "did you mean `eta`?"],
        ),
        (
            "",
            format!("{own}\npredicts = 1\n{theory}"),
            ["p.toml:17:10", "keep one"],
        ),
    ] {
        let message = read(says, &claim).unwrap_err();
        for reason in reasons {
            assert!(message.contains(reason), "{claim} | {message}");
        }
    }
}
