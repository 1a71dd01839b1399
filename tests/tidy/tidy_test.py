"""Keeps the shape of the tree: who may include whom, which library stays in which folder, and that
nothing lies about unused.  The rules are DESIGN's "The house" and STYLE's "Who may include what"."""
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]
ROOMS = ["base", "crypto", "lns", "gateway-bridge", "bridge"]
SEES = {
    "base": {"base"},
    "crypto": {"base", "crypto"},
    "lns": {"base", "crypto", "lns"},
    "gateway-bridge": {"base", "crypto", "lns", "gateway-bridge"},
    "bridge": {"base", "crypto", "lns", "bridge"},
}
# Of the network server the bridge sees its messages, its registry, its verbs, an address as a value,
# and why ADR decides as it does.
BRIDGE_SEES_OF_LNS = ("lns/proto/", "lns/device/", "lns/network_server.h", "lns/frame/dev_addr.h",
                      "lns/adr/adr_of_device.h")

# A system header -> the folders (or files) that may include it.
KEPT = {
    r"uv\.h": ["base/io/"],
    r"lmdb\.h": ["base/store/lmdb/"],
    r"openssl/": ["crypto/", "base/io/tls", "base/net/websocket", "tools/helio-bench/tls_client"],
    r"wslay/": ["base/net/websocket"],
    r"curl/": ["base/io/", "tools/helioctl/"],
    r"js(api|friendapi)?[./]|mozilla/": ["bridge/payload/js/"],
    r"seccomp\.h": ["tools/codec-host/"],
    r"toml\+\+/": ["base/config"],
    r"spdlog/": ["base/log"],
    r"CLI/": ["tools/"],
    r"sys/socket\.h|netinet/|arpa/": ["base/io/", "tools/helio-sim/", "tools/helio-bench/"],
}
# Folders that do no I/O, own no thread and read no clock.  A peer (address and port) is a value.
PURE = re.compile(r"^(lns/|gateway-bridge/(?!.*/?io/)|bridge/(mqtt|rules|registry|integration|payload|api)/(?!.*io/|js/))")
IMPURE = re.compile(r"(system_clock|steady_clock|high_resolution_clock)::now|std::thread|std::mutex|base/io/(?!peer\.h)")

INCLUDE = re.compile(r'^#include ([<"])([^>"]+)[>"]', re.M)


def sources():
    for room in ROOMS + ["tools", "tests"]:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".h", ".cpp"):
                yield path.relative_to(ROOT).as_posix(), path.read_text()


SOURCES = list(sources())


def test_arrows_between_rooms_point_one_way():
    wrong = []
    for name, text in SOURCES:
        room = name.split("/")[0]
        for kind, included in INCLUDE.findall(text):
            target = included.split("/")[0]
            if kind != '"' or room not in SEES or target not in ROOMS:
                continue
            if target not in SEES[room]:
                wrong.append(f"{name} includes {included}")
            if room == "bridge" and target == "lns" and not included.startswith(BRIDGE_SEES_OF_LNS):
                wrong.append(f"{name} includes {included}: the bridge sees only {', '.join(BRIDGE_SEES_OF_LNS)}")
    assert not wrong, "\n".join(wrong)


def test_libraries_stay_in_their_folders():
    wrong = []
    for name, text in SOURCES:
        if name.startswith("tests/"):
            continue
        for kind, included in INCLUDE.findall(text):
            for header, homes in KEPT.items():
                if kind == "<" and re.match(header, included) and not name.startswith(tuple(homes)):
                    wrong.append(f"{name} includes <{included}>, which is kept to {', '.join(homes)}")
    assert not wrong, "\n".join(wrong)


def test_protocol_cores_do_no_io_and_read_no_clock():
    wrong = [f"{name}: {match.group(0)}" for name, text in SOURCES if PURE.match(name)
             for match in [IMPURE.search(text)] if match]
    assert not wrong, "\n".join(wrong)


def test_every_header_is_included_by_something():
    included = {target for _, text in SOURCES for _, target in INCLUDE.findall(text)}
    headers = {name for name, _ in SOURCES if name.endswith(".h")}
    assert not headers - included, "nothing includes: " + ", ".join(sorted(headers - included))


def test_includes_are_written_from_the_root():
    wrong = [f"{name} includes \"{target}\"" for name, text in SOURCES for kind, target in INCLUDE.findall(text)
             if kind == '"' and target.split("/")[0] not in ROOMS + ["tools", "tests"]]
    assert not wrong, "\n".join(wrong)


def test_a_header_opens_with_what_it_is():
    wrong = [name for name, text in SOURCES if name.endswith(".h") and not text.startswith("//")]
    assert not wrong, "no opening comment in: " + ", ".join(wrong)


def test_every_top_level_folder_has_a_readme():
    missing = [room for room in ROOMS + ["tools", "tests"] if not (ROOT / room / "README.md").exists()]
    assert not missing, ", ".join(missing)


def test_nothing_is_left_for_later_without_a_name():
    wrong = [name for name, text in SOURCES if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)]
    assert not wrong, ", ".join(wrong)


def test_each_row_of_the_feature_table_names_a_test_that_is_there():
    readme = (ROOT / "README.md").read_text()
    table = readme.split("## Features", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert rows
    wrong = []
    for row in rows:
        tests = re.findall(r"`(tests/[^`]+)`", row)
        if not tests:
            wrong.append(f"no test: {row}")
        wrong += [f"{test} is not there" for test in tests if not (ROOT / test).exists()]
    assert not wrong, "\n".join(wrong)
