"""bridge/mqtt/CONFORMANCE.md says which test holds each normative statement: the test must be there."""
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
TESTS = ROOT / "tests/bridge/mqtt"
CASES = {path.name: path.read_text() for path in (TESTS / "conformance/cases").glob("*.txt")}
SOURCES = "".join(path.read_text() for path in TESTS.rglob("*_test.cpp"))


def rows():
    """(version, id, what holds it) of each row."""
    out, version = [], None
    for line in (ROOT / "bridge/mqtt/CONFORMANCE.md").read_text().splitlines():
        if line.startswith("## MQTT "):
            version = {"5.0": "v5", "3.1.1": "v3"}[line.split()[2]]
        found = re.match(r"\| ([0-9.]+-[0-9]+) \| [^|]+ \| (.+) \|$", line)
        if found:
            out.append((version, *found.groups()))
    return out


ROWS = rows()


def test_each_statement_has_one_row():
    ids = [row[:2] for row in ROWS]
    assert len(ids) == len(set(ids))
    assert sum(version == "v5" for version, _ in ids) >= 245
    assert sum(version == "v3" for version, _ in ids) >= 135


def test_each_test_that_a_row_names_is_there():
    wrong = []
    for version, statement, held in ROWS:
        for name in re.findall(r"`(\w+\.txt)`", held):
            if not re.search(rf"^== .*\b{version}:{re.escape(statement)}\b", CASES.get(name, ""), re.M):
                wrong.append(f"{version} {statement}: no case of {name} names it")
        for title in re.findall(r'"([^"]+)"', held.replace('"mqtt"', "")):
            if f'"{title}"' not in SOURCES:
                wrong.append(f"{version} {statement}: no test is called {title}")
    assert not wrong, "\n".join(wrong)


def test_each_case_that_names_a_statement_stands_in_its_row():
    held = {(version, statement): text for version, statement, text in ROWS}
    wrong = [f"{name}: {version}:{statement}" for name, text in CASES.items()
             for header in re.findall(r"^== (.*)$", text, re.M)
             for version, statement in re.findall(r"\b(v[35]):([0-9.]+-[0-9]+)", header)
             if name not in held.get((version, statement), "")]
    assert not wrong, "\n".join(wrong)


def test_each_test_of_a_limit_of_aws_is_there():
    text = (ROOT / "bridge/mqtt/CONFORMANCE.md").read_text().split("## AWS IoT Core", 1)[1]
    rows = [line.strip("| ").split(" | ")[-1] for line in text.splitlines() if line.startswith("| ")][1:]
    sources = SOURCES + "".join(path.read_text() for folder in ("api", "identity", "registry")
                                for path in (ROOT / "tests/bridge" / folder).rglob("*_test.cpp"))
    titles = [re.findall(r'"((?:\\"|[^"])+)"', held) for held in rows]
    assert len(titles) > 20 and all(titles)
    assert [title for found in titles for title in found if f'"{title}"' not in sources] == []
