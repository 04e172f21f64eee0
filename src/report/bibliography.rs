//! The works that experiments rest on, as BibTeX.

/// A work that records cite by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The key in [`crate::manifest::Manifest::cites`], and in the BibTeX entry.
    pub key: &'static str,
    /// The entry.
    pub bibtex: &'static str,
}

/// All works the lab knows.
pub const WORKS: &[Citation] = &[
    Citation {
        key: "pnm",
        bibtex: r"@inproceedings{pnm,
  author    = {Xie, Zeke and Yuan, Li and Zhu, Zhanxing and Sugiyama, Masashi},
  title     = {Positive-Negative Momentum: Manipulating Stochastic Gradient Noise to Improve Generalization},
  booktitle = {International Conference on Machine Learning},
  year      = {2021}
}",
    },
    Citation {
        key: "adai",
        bibtex: r"@inproceedings{adai,
  author    = {Xie, Zeke and Wang, Xinrui and Zhang, Huishuai and Sato, Issei and Sugiyama, Masashi},
  title     = {Adaptive Inertia: Disentangling the Effects of Adaptive Learning Rate and Momentum},
  booktitle = {International Conference on Machine Learning},
  year      = {2022}
}",
    },
    Citation {
        key: "marginal-value",
        bibtex: r"@inproceedings{marginal-value,
  author    = {Wang, Runzhe and Malladi, Sadhika and Wang, Tianhao and Lyu, Kaifeng and Li, Zhiyuan},
  title     = {The Marginal Value of Momentum for Small Learning Rate {SGD}},
  booktitle = {International Conference on Learning Representations},
  year      = {2024}
}",
    },
    Citation {
        key: "feature-learning",
        bibtex: r"@inproceedings{feature-learning,
  author    = {Jelassi, Samy and Li, Yuanzhi},
  title     = {Towards Understanding How Momentum Improves Generalization in Deep Learning},
  booktitle = {International Conference on Machine Learning},
  year      = {2022}
}",
    },
    Citation {
        key: "kramers-1940",
        bibtex: r#"@article{kramers-1940,
  author  = {Kramers, Hendrik Anthony},
  title   = {{Brownian} Motion in a Field of Force and the Diffusion Model of Chemical Reactions},
  journal = {Physica},
  volume  = {7},
  number  = {4},
  pages   = {284--304},
  year    = {1940}
}"#,
    },
    Citation {
        key: "hanggi-1990",
        bibtex: r#"@article{hanggi-1990,
  author  = {H{\"a}nggi, Peter and Talkner, Peter and Borkovec, Michal},
  title   = {Reaction-Rate Theory: Fifty Years after {Kramers}},
  journal = {Reviews of Modern Physics},
  volume  = {62},
  number  = {2},
  pages   = {251--341},
  year    = {1990}
}"#,
    },
    Citation {
        key: "broadie-1997",
        bibtex: r"@article{broadie-1997,
  author  = {Broadie, Mark and Glasserman, Paul and Kou, Steven},
  title   = {A Continuity Correction for Discrete Barrier Options},
  journal = {Mathematical Finance},
  volume  = {7},
  number  = {4},
  year    = {1997}
}",
    },
    Citation {
        key: "cerou-2007",
        bibtex: r"@article{cerou-2007,
  author  = {C\'erou, Fr\'ed\'eric and Guyader, Arnaud},
  title   = {Adaptive multilevel splitting for rare event analysis},
  journal = {Stochastic Analysis and Applications},
  volume  = {25},
  pages   = {417--443},
  year    = {2007}
}",
    },
    Citation {
        key: "brehier-2016",
        bibtex: r#"@article{brehier-2016,
  author  = {Br\'ehier, Charles-Edouard and Gazeau, Maxime and Gouden\`ege, Ludovic and Leli\`evre, Tony and Rousset, Mathias},
  title   = {Unbiasedness of some generalized adaptive multilevel splitting algorithms},
  journal = {The Annals of Applied Probability},
  volume  = {26},
  pages   = {3559--3601},
  year    = {2016}
}"#,
    },
    Citation {
        key: "philox",
        bibtex: r"@inproceedings{philox,
  author    = {Salmon, John K. and Moraes, Mark A. and Dror, Ron O. and Shaw, David E.},
  title     = {Parallel Random Numbers: As Easy as 1, 2, 3},
  booktitle = {International Conference for High Performance Computing, Networking, Storage and Analysis},
  year      = {2011}
}",
    },
    Citation {
        key: "li-2019",
        bibtex: r"@article{li-2019,
  author  = {Li, Qianxiao and Tai, Cheng and E, Weinan},
  title   = {Stochastic Modified Equations and Dynamics of Stochastic Gradient Algorithms {I}: Mathematical Foundations},
  journal = {Journal of Machine Learning Research},
  volume  = {20},
  number  = {40},
  pages   = {1--47},
  year    = {2019}
}",
    },
];

/// The work of that key.
pub fn find(key: &str) -> Option<&'static Citation> {
    WORKS.iter().find(|work| work.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_whole_and_bear_their_keys() {
        for work in WORKS {
            let head = work.bibtex.split(',').next().unwrap();
            assert!(head.ends_with(&format!("{{{}", work.key)), "{head}");
            let (open, close) = (
                work.bibtex.matches('{').count(),
                work.bibtex.matches('}').count(),
            );
            assert_eq!(open, close, "{}", work.key);
            for field in ["author", "title", "year"] {
                assert!(
                    work.bibtex.contains(&format!("\n  {field}")),
                    "{}: {field}",
                    work.key
                );
            }
            assert_eq!(
                WORKS.iter().filter(|other| other.key == work.key).count(),
                1
            );
        }
        assert_eq!(find("adai").map(|work| work.key), Some("adai"));
        assert_eq!(find("nobody"), None);
    }
}
