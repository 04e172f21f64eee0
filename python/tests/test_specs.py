"""Specs are the experiment's file, both ways, and say what is wrong."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import kramers_lab as kr


def test_a_study_is_its_file_and_comes_back(study: kr.Study, tmp_path):
    path = tmp_path / "study.toml"
    text = study.to_toml(path)
    assert kr.load(path) == study and hash(kr.load(path)) == hash(study)
    assert 'expression = "0.25*(x^2 - 1)^2"' in text and "[[process]]" in text
    assert eval(repr(study), vars(kr)) == study
    assert pickle.loads(pickle.dumps(study)) == study
    assert study.replace(seed=8) != study and study.replace(seed=8).replace(seed=7) == study
    assert study.process == [kr.SGD(eta=0.1), kr.PNM(eta=0.1, beta0=1.0)]
    assert len(study.check()) == 4 and "variance = 6" in study.check()[-1]


@pytest.mark.parametrize("folder", ["studies", "lab", "adai", "pnm", "marginal-value"])
def test_every_file_that_ships_is_read_and_written_again(root, folder, tmp_path):
    for path in sorted((root / "experiments" / folder).glob("*.toml")):
        text = path.read_text()
        if "protocol" not in text or 'protocol = "network' in text or 'protocol  = "network' in text or "network-" in text:
            continue
        read = kr.load(path)
        copy = tmp_path / path.name
        copy.write_text(kr.Experiment(text, path, set={"seed_of_this_test": 1}).to_toml().replace("seed_of_this_test = 1\n", ""))
        assert kr.Experiment(copy.read_text()) == kr.Experiment(text), path
        if isinstance(read, kr.Study):
            assert eval(repr(read), vars(kr)) == read, path
            assert read.replace() == read, path


def test_blocks_are_frozen_comparable_hashable_and_can_be_pickled():
    blocks = [
        kr.SGD(eta=0.1),
        kr.Gaussian(variance=2.0),
        kr.Exit(until="x > 0"),
        kr.Moment("x^2", steps=[100]),
        kr.Claim("slope(rate, k)", predicts=1, within=0.1),
        kr.Surface("0.5*k*x^2", k=2.0),
        kr.Surface("double-well", dim=2),
        kr.Rule("mine", state={"m": 0}, step="m = g\nupdate = eta*m"),
        kr.Rule("mine", state={"m": 0}, step="m = g\nupdate = eta*m")(eta=0.1),
        kr.Equation("ou", drift=["-x"], noise=["1"])(dt=0.1),
        kr.Overdamped(temperature=0.1, dt=0.01),
    ]
    for block in blocks:
        again = pickle.loads(pickle.dumps(block))
        assert again == block and hash(again) == hash(block) and repr(again) == repr(block)
        with pytest.raises(AttributeError, match="frozen"):
            block.eta = 1
    assert kr.SGD(eta=0.1) == kr.Process(optimizer="sgd", eta=0.1) != kr.SGD(eta=0.2)
    assert repr(kr.SGD(eta=0.1)) == "SGD(eta=0.1)"
    assert kr.SGD(eta=np.float64(0.1)) == kr.SGD(eta=0.1)
    assert kr.SGD(eta=np.array([0.1, 0.2])) == kr.SGD(eta=[0.1, 0.2])
    assert kr.SGD(eta=0.1).replace(eta=0.2) == kr.SGD(eta=0.2)


def test_every_rule_and_noise_of_the_program_has_a_class():
    assert {"SGD", "SGDM", "HeavyBall", "PNM", "Adam", "AMSGradPaper", "AdaiV2"} <= set(kr.kinds.RULES)
    assert len(set(kr.kinds.RULES)) == len(kr.specs.REGISTRIES["optimizers"])
    assert {"Gaussian", "Student", "TwoPoint", "Minibatch"} <= set(kr.kinds.NOISES)
    assert "β₀" in kr.PNM.__doc__


def test_lines_of_a_string_and_what_is_in_them_come_back():
    text = 'a = "quoted" \\ b\n\tline two\n"""three"""\x07'
    rule = kr.Rule("mine", source=text, step="update = eta*g")
    back = kr.Experiment(rule.to_toml() + "\n").document
    assert back["source"] == text


def test_a_surface_knows_its_derivatives_and_where_it_is_at_rest():
    surface = kr.Surface("0.25*(x^2 - 1)^2 + 0.5*k*(y - x^2)^2", k=2.0)
    assert surface.dim == 2
    points = surface.critical_points()
    minima = sorted(tuple(np.round(p.theta, 9)) for p in points if p.kind == "minimum")
    assert minima == [(-1.0, 1.0), (1.0, 1.0)]
    (saddle,) = [p for p in points if p.kind == "saddle"]
    assert np.allclose(saddle.theta, 0, atol=1e-9) and np.isclose(saddle.value, 0.25)
    theta = np.array([0.3, -0.2])
    step = 1e-6
    slopes = [(surface.value(theta + step * e) - surface.value(theta - step * e)) / (2 * step) for e in np.eye(2)]
    assert np.allclose(surface.gradient(theta), slopes, atol=1e-8)
    bends = [(surface.gradient(theta + step * e) - surface.gradient(theta - step * e)) / (2 * step) for e in np.eye(2)]
    assert np.allclose(surface.hessian(theta), bends, atol=1e-7)
    with pytest.raises(kr.InputError, match="3 numbers, where the surface has 2"):
        surface.value([1.0, 2.0, 3.0])


def test_a_rule_by_formula_is_compared_with_the_programs():
    step = "m = beta1*m + (1 - beta1)*g\nupdate = eta*m"
    rule = kr.Rule("mine", hyper={"beta1": 0.9}, state={"m": 0}, step=step)
    assert rule.compare("sgdm") < 1e-13
    assert rule.compare("sgdm", beta1=0.5) < 1e-13
    assert 0.05 < rule.compare("sgd") < 2
    assert kr.compare(kr.SGDM(eta=0.1, beta1=0.0), kr.SGD(eta=0.1)) == 0.0
    with pytest.raises(kr.InputError, match="did you mean `sgd"):
        rule.compare("sgdmm")


def minimal(**parts):
    whole = {
        "surface": kr.Surface("0.5*x^2"),
        "noise": kr.Gaussian(variance=1.0),
        "process": kr.SGD(eta=0.1),
        "observe": kr.Moment("x^2", steps=[10]),
    }
    return kr.Study(**{**whole, **parts})


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: kr.SGD(etta=0.1), "unknown keyword `etta`; did you mean `eta`?"),
        (lambda: kr.Gaussian(varience=0.1), "unknown keyword `varience`; did you mean `variance`?"),
        (lambda: minimal(suface="x^2"), "unknown keyword `suface`; did you mean `surface`?"),
        (lambda: minimal(observe=kr.Exit(untill="x > 0")), "`observe.untill`: unknown key; did you mean `until`?"),
        (lambda: minimal(noise=kr.Gaussian(variance=-1.0)), "`noise.variance`: -1 is outside"),
        (lambda: minimal(surface="0.5*x^^2"), "^"),
        (lambda: minimal(surface="0.5*y*k"), "k"),
        (lambda: minimal(process=kr.Exit(until="x > 0")), "process takes a kr.Process"),
        (lambda: minimal(process=object()), "process takes"),
        (lambda: kr.SGD(eta=object()), "no value of an experiment's file"),
        (lambda: kr.Surface(), "give a formula"),
        (lambda: minimal(claims=kr.Claim("slope(rate, k)", within=0.1)), "within"),
        (lambda: kr.load("nowhere.toml"), "nowhere.toml"),
    ],
)
def test_what_is_wrong_is_said(make, says):
    with pytest.raises(kr.InputError) as caught:
        make()
    assert says in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert type(again) is type(caught.value) and str(again) == str(caught.value)


def test_a_mistake_in_a_formula_is_shown_at_its_character():
    with pytest.raises(kr.InputError) as caught:
        minimal(surface="0.5*x^2 + sinn(x)")
    lines = str(caught.value).splitlines()
    assert "sin" in lines[0]
    formula, caret = next((a, b) for a, b in zip(lines, lines[1:]) if b.strip().startswith("^"))
    assert formula[caret.index("^") :].startswith("sinn")


def test_exceptions_have_one_base():
    for kind in (kr.InputError, kr.FailedError, kr.FileError, kr.StoppedError, kr.MissingPackageError, kr.BugError):
        assert issubclass(kind, kr.KramersError)
        assert str(pickle.loads(pickle.dumps(kind("why")))) == "why"
