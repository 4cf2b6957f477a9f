"""Rules about the tree that no linter holds."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "activities",
    "api",
    "bench",
    "domain",
    "embedded",
    "imports",
    "office",
    "registry",
    "web",
    "workflows",
)
MOST_LINES = 420


def test_tests_are_no_packages() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_modules_stay_readable() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "versions" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}


def test_a_package_says_what_it_promises_and_holds_no_code() -> None:
    for package in PACKAGES:
        text = (ROOT / package / "__init__.py").read_text(encoding="utf-8").strip()
        assert text.startswith('"""'), package
        assert text.endswith('"""'), package


def test_nothing_depends_on_files_beside_the_project() -> None:
    beside = "../" + "shared"
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            lines = path.read_text(encoding="utf-8").splitlines()
            assert not any(beside in line for line in lines), path
