"""helioctl as a person types it: beside the data folder, with the mistakes that people make."""
import json
import os
import pathlib
import pty
import re
import shutil
import socket
import subprocess
import threading

import pytest

from server import BIN, PATIENCE, Server, free_port

KEY = "000102030405060708090a0b0c0d0e0f"  # for tests only


class Shell:
    """A terminal in the folder where the server was started."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.https = free_port()
        self.server = Server(self.folder / "data", **{"http.tls": f"127.0.0.1:{self.https}"})
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder),
                            "HELIO_ENDPOINT": f"http://127.0.0.1:{self.server.http}"}

    def run(self, *arguments, status=0, text=None, **environment):
        done = subprocess.run([BIN / "helioctl", *arguments], cwd=self.folder, capture_output=True, text=True,
                              input=text, env={**self.environment, **environment}, timeout=PATIENCE)
        assert done.returncode == status, (arguments, done.stdout, done.stderr)
        return done

    def say(self, *arguments, **more):
        return self.run(*arguments, **more).stdout

    def json(self, *arguments):
        return json.loads(self.say("--json", *arguments))

    def complain(self, *arguments, status=1, **more):
        done = self.run(*arguments, status=status, **more)
        assert done.stderr.count("\n") <= 2 or status == 2, "one sentence is enough"
        return done.stderr

    def csv(self, name, *lines):
        (self.folder / name).write_text("\n".join(lines) + "\n")
        return name


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    made = Shell(tmp_path_factory.mktemp("owner"))
    yield made
    made.server.stop()


def test_a_gateway_is_added_listed_shown_and_deleted(shell):
    assert "Registered the gateway 0016c001ff100001" in shell.say("gateway", "add", "0016c001ff100001", "--name", "roof")
    assert re.search(r"0016c001ff100001 +roof +EU868", shell.say("gateway", "list"))
    assert "ConnectionStatus: Disconnected" in shell.say("gateway", "show", "0016c001ff100001")
    shown = shell.json("gateway", "show", "0016c001ff100001")
    assert (shown["Name"], shown["LoRaWAN"]["RfRegion"]) == ("roof", "EU868")
    assert "another wireless gateway has this EUI" in shell.complain("gateway", "add", "0016c001ff100001")
    assert "already" in shell.say("gateway", "add", "0016c001ff100001", "--skip-existing")
    shell.say("gateway", "delete", "00-16-c0-01-ff-10-00-01")
    assert "No gateway is registered" in shell.say("gateway", "list")


def test_an_unknown_gateway_is_seen_with_the_command_that_registers_it(shell):
    eui = "0016c001ff10beef"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forwarder:
        forwarder.settimeout(PATIENCE)
        forwarder.connect(("127.0.0.1", shell.server.udp))
        pull = b"\x02\x01\x02\x02" + bytes.fromhex(eui)
        forwarder.send(pull)
        seen = ""
        while eui not in seen:
            seen = shell.say("gateway", "seen")
        command = re.search(r"(helioctl gateway add \w+)", seen)[1].split()
        shell.say(*command[1:])
        assert "No unregistered gateway" in shell.say("gateway", "seen")
        forwarder.send(pull)
        assert forwarder.recv(64)[3] == 4  # PULL_ACK
        while "Connected" not in shell.json("gateway", "show", eui)["Statistics"]["ConnectionStatus"]:
            pass
    shell.say("gateway", "delete", eui)


def test_a_device_needs_nothing_but_its_keys(shell):
    said = shell.say("device", "add", "a0b1c2d3e4f50001", "--join-eui", "70b3d57ed0000001", "--app-key", KEY)
    assert "Made the device profile default-EU868" in said and "Registered the device" in said
    assert "a0b1c2d3e4f50001" in shell.say("device", "list")
    assert f"AppKey: {KEY}" in shell.say("device", "show", "a0b1c2d3e4f50001")
    assert "it has not joined yet" in shell.complain("device", "session", "a0b1c2d3e4f50001")
    shell.say("device", "add", "a0b1c2d3e4f50002", "--dev-addr", "01020304", "--nwk-s-key", KEY, "--app-s-key", KEY)
    assert "DevAddr: 01020304" in shell.say("device", "session", "a0b1c2d3e4f50002")
    assert "Nothing was heard" in shell.say("device", "frames", "a0b1c2d3e4f50002")


def test_downlinks_are_queued_shown_and_thrown_away(shell):
    device = "a0b1c2d3e4f50002"
    assert "after the device's next uplink" in shell.say("device", "queue", "send", device, "--port", "7", "--hex", "0aff")
    assert re.search(r"7 +no .*0aff", shell.say("device", "queue", device))
    assert re.search(r"7 +no .*0aff", shell.say("device", "queue", "list", device))
    shell.say("device", "queue", "send", device, "--base64", "Cv8")
    assert shell.say("device", "queue", device).count("0aff") == 2
    assert "hexadecimal" in shell.complain("device", "queue", "send", device, "--hex", "xyz")
    shell.say("device", "queue", "flush", device)
    assert "Nothing waits" in shell.say("device", "queue", device)
    assert "whose queue" in shell.complain("device", "queue")


def test_mistakes_are_answered_with_the_field_and_the_fix(shell):
    assert "LoRaWAN.GatewayEui must be 16 hexadecimal digits" in shell.complain("gateway", "add", "12")
    assert "--join-eui and --app-key" in shell.complain("device", "add", "a0b1c2d3e4f50009")
    assert "LoRaWAN.OtaaV1_0_x.AppKey must be 32 hexadecimal digits" in shell.complain(
        "device", "add", "a0b1c2d3e4f50009", "--join-eui", "70b3d57ed0000001", "--app-key", "00")
    (shell.folder / "some.js").write_text("function decodeUplink(i) { return {data: {}}; }")
    assert 'no device profile "none": make it with `helioctl profile add none' in shell.complain(
        "codec", "set", "none", "some.js")
    assert "There is no WirelessDevice" in shell.complain("device", "show", "ffffffffffffffff")
    assert "x.js" in shell.complain("codec", "set", "default-EU868", "x.js")
    assert "--help" in shell.complain("gateway", "ad", status=2)
    assert "heliograph serve" in shell.complain("gateway", "list", HELIO_ENDPOINT="http://127.0.0.1:1")
    assert "credentials" in shell.complain("--credentials", "nowhere", "gateway", "list")
    shell.csv("wrong-key", "[default]", "aws_access_key_id = HELIONOBODY000000000", "aws_secret_access_key = x")
    assert "taken from the file wrong-key" in shell.complain("--credentials", "wrong-key", "gateway", "list")


def test_a_list_is_tried_imported_and_imported_again(shell):
    file = shell.csv("devices.csv", "name,dev_eui,join_eui,app_key",
                     *[f"d{i},b0b1c2d3e4f5{i:04x},70b3d57ed0000001,{KEY}" for i in range(700)])
    shell.say("device", "add", "b0b1c2d3e4f50000", "--join-eui", "70b3d57ed0000001", "--app-key", KEY)
    tried = shell.run("device", "import", file, "--dry-run", status=1)
    assert "699 devices would be registered, 1 problems" in tried.stdout
    assert "devices.csv:2: another wireless device has this DevEUI" in tried.stderr
    assert len([d for d in shell.json("device", "list") if d["LoRaWAN"]["DevEui"].startswith("b0")]) == 1
    assert "699 devices registered, 1 there already, 0 problems" in shell.say("device", "import", file, "--skip-existing")
    assert len([d for d in shell.json("device", "list") if d["LoRaWAN"]["DevEui"].startswith("b0")]) == 700


def test_bad_lines_of_a_list_are_named_and_nothing_is_imported(shell):
    file = shell.csv("bad.csv", "name;dev_eui;join_eui;app_key",
                     f"good;c0b1c2d3e4f50001;70b3d57ed0000001;{KEY}",
                     f"short;c0b1;70b3d57ed0000001;{KEY}",
                     "few;c0b1c2d3e4f50003",
                     f"again;c0-b1-c2-d3-e4-f5-00-01;70b3d57ed0000001;{KEY}",
                     "keyless;c0b1c2d3e4f50005;70b3d57ed0000001;",
                     f"\"open;c0b1c2d3e4f50006;70b3d57ed0000001;{KEY}")
    done = shell.run("device", "import", file, status=1)
    assert done.stderr.splitlines() == [
        "bad.csv:3: dev_eui must be 16 hexadecimal digits",
        "bad.csv:4: has 2 cells, the first line names 4",
        "bad.csv:5: dev_eui is the same as in line 2",
        "bad.csv:6: app_key is empty: a device without a dev_addr (OTAA) needs it",
        "bad.csv:7: a '\"' is not closed",
        "bad.csv:7: has 1 cells, the first line names 4"]
    assert "0 devices registered, 6 problems" in done.stdout
    assert [p["Line"] for p in json.loads(shell.say("--json", "device", "import", file, status=1))["Problems"]] == [
        3, 4, 5, 6, 7, 7]
    assert "is no column: use name, dev_eui" in shell.complain("device", "import", shell.csv("head.csv", "eui", "1"))
    assert "the file is empty" in shell.complain("device", "import", shell.csv("empty.csv", ""))


def test_an_import_on_a_terminal_shows_its_progress(shell):
    file = shell.csv("bar.csv", "dev_eui,join_eui,app_key",
                     *[f"d0b1c2d3e4f5{i:04x},70b3d57ed0000001,{KEY}" for i in range(600)])
    ours, theirs = pty.openpty()
    running = subprocess.Popen([BIN / "helioctl", "device", "import", file], cwd=shell.folder, env=shell.environment,
                               stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    shown = ""
    try:
        while piece := os.read(ours, 4096):
            shown += piece.decode()
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    running.communicate(timeout=PATIENCE)
    assert running.returncode == 0
    assert re.search(r"\[#+ +\] 500/600.*\[#{40}\] 600/600", shown, re.DOTALL)


def test_a_rule_is_added_tried_and_listed(shell):
    shell.say("rule", "add", "hot", "--sql", "SELECT temp AS t FROM 'sensors/temp' WHERE temp > 90", "--republish", "alarm")
    assert re.search(r"hot +sensors/temp +yes", shell.say("rule", "list"))
    assert shell.say("rule", "test", "hot", "--topic", "sensors/temp", "--payload", '{"temp": 91}') == '{"t":91}\n'
    assert "not selected by WHERE" in shell.say(
        "rule", "test", "hot", "--topic", "sensors/temp", "--payload", '{"temp": 9}', status=1)
    assert "does not match FROM" in shell.say("rule", "test", "hot", "--topic", "x", "--payload", "{}", status=1)
    assert shell.say("rule", "test", "--sql", "SELECT VALUE a FROM '#'", "--topic", "x", "--payload-file", "-",
                     text='{"a": 5}') == "5\n"
    wrong = shell.complain("rule", "add", "bad", "--sql", "SELECT FROM 'x'")
    assert re.search(r"\d", wrong), "says where"
    shell.say("rule", "disable", "hot")
    assert re.search(r"hot +sensors/temp +no", shell.say("rule", "list"))
    shell.say("rule", "delete", "hot")
    assert 'There is no topic rule "hot"' in shell.complain("rule", "delete", "hot")


def test_a_codec_is_set_shown_and_removed(shell):
    (shell.folder / "codec.js").write_text("function decodeUplink(i) { return {data: {n: i.bytes.length}}; }\n")
    assert "are decoded with codec.js" in shell.say("codec", "set", "default-EU868", "codec.js")
    assert "decodeUplink" in shell.say("codec", "get", "default-EU868")
    assert "decodeUplink" in shell.complain("codec", "set", "default-EU868", "-", text="let x = 1;")
    wrong = shell.complain("codec", "set", "default-EU868", "-", text="let x = 1;\nfunction decodeUplink( {")
    assert "SyntaxError" in wrong and "line 2" in wrong
    shell.say("codec", "delete", "default-EU868")
    assert "There is no Codec" in shell.complain("codec", "get", "default-EU868")


def test_https_is_trusted_by_the_certificate_beside_the_credentials(shell):
    endpoint = f"https://localhost:{shell.https}"
    assert shell.json("--endpoint", endpoint, "rule", "list") == []
    (shell.folder / "elsewhere").mkdir()
    shutil.copy(shell.folder / "data/credentials", shell.folder / "elsewhere/credentials")
    assert "does not answer" in shell.complain(
        "--endpoint", endpoint, "--credentials", "elsewhere/credentials", "rule", "list")


def test_a_backup_goes_to_a_folder_and_serves_again(shell, tmp_path):
    assert "The data is copied to" in shell.say("backup", "copy")
    assert (shell.folder / "copy/credentials").stat().st_mode & 0o777 == 0o600
    restored = Server(shell.folder / "copy")
    try:
        listed = restored.ctl("device", "list")
    finally:
        restored.stop()
    assert len(listed) == len(shell.json("device", "list"))
    assert "backup failed" in shell.complain("backup", "copy")


def test_tail_prints_events_in_lines_and_lives_through_a_restart(shell):
    shell.say("gateway", "add", "a0b1c2d3ffff0001", "--skip-existing")
    shell.say("device", "add", "a0b1c2d300000000", "--dev-addr", "01000000", *simulated_keys())
    tail = subprocess.Popen([BIN / "helioctl", "tail", "--last", "0"], cwd=shell.folder, env=shell.environment,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    timer = threading.Timer(2 * PATIENCE, tail.kill)
    timer.start()
    try:
        for first_fcnt in ("1", "1001"):
            with subprocess.Popen(
                    [BIN / "helio-sim", "--server", f"127.0.0.1:{shell.server.udp}", "--abp", "--gateway-eui",
                     "a0b1c2d3ffff0001", "--rate", "2", "--first-fcnt", first_fcnt],
                    stdout=subprocess.DEVNULL) as simulation:
                line = next(line for line in tail.stdout
                            if "  up " in line and int(re.search(r"FCnt (\d+)", line)[1]) >= int(first_fcnt))
                simulation.terminate()
            assert re.search(r"^\d\d:\d\d:\d\d\.\d{3}  up +a0b1c2d300000000  FCnt \d+  FPort 1  SF\d+BW125 "
                             r"\d+\.\d MHz  -\d+ dBm -?\d+\.\d dB  1 gateway  [0-9a-f]{10}$", line), line
            if first_fcnt == "1":
                shell.server.kill()
                assert "Waiting for it" in tail.stderr.readline()
                shell.server.start()
    finally:
        timer.cancel()
        tail.kill()
        tail.communicate()


def simulated_keys():
    """The session keys that helio-sim's first device has."""
    listed = subprocess.run([BIN / "helio-sim", "--abp", "--csv", "-"], capture_output=True, text=True, check=True).stdout
    names, cells = (line.split(",") for line in listed.splitlines()[:2])
    row = dict(zip(names, cells))
    return ["--nwk-s-key", row["nwk_s_key"], "--app-s-key", row["app_s_key"]]


@pytest.mark.parametrize("program", ["heliograph", "helioctl", "helio-sim", "helio-bench"])
def test_each_program_tells_its_version_and_commit(program):
    if not (BIN / program).exists():
        pytest.skip(f"{program} is not built")
    told = subprocess.run([BIN / program, "--version"], capture_output=True, text=True, check=True).stdout
    assert re.fullmatch(program + r" \d+\.\d+\.\d+ \([0-9a-f]{7,40}(-dirty)?\)\n", told), told


COMPLETED = [  # what stands there, and what must and must not be offered
    ("helioctl ", {"gateway", "device", "rule", "tail", "backup", "codec"}, {"--dry-run"}),
    ("helioctl gateway ", {"add", "list", "show", "seen"}, {"import", "device"}),
    ("helioctl --json device queue ", {"send", "list", "flush"}, {"import"}),
    ("helioctl device import devices.csv --", {"--dry-run", "--skip-existing"}, {"--sql"}),
    ("helioctl rule t", {"test"}, {"add"}),
]


def offered_by_bash(script, line):
    words = line.split(" ")
    program = f"""source {script}
COMP_WORDS=({" ".join(f"'{w}'" for w in words)}); COMP_CWORD={len(words) - 1}; _helioctl
printf '%s\\n' "${{COMPREPLY[@]}}" """
    return subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True).stdout.split()


def offered_by_fish(script, line):
    program = f"source {script}; complete -C '{line}'"
    lines = subprocess.run(["fish", "--no-config", "-c", program], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    return [offered.split("\t")[0] for offered in lines]


@pytest.mark.parametrize("line,wanted,unwanted", COMPLETED)
@pytest.mark.parametrize("name", ["bash", "fish"])
def test_a_shell_completes_what_is_typed(tmp_path, name, line, wanted, unwanted):
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    script = tmp_path / "completion"
    script.write_text(subprocess.run([BIN / "helioctl", "completion", name], capture_output=True, text=True,
                                     check=True).stdout)
    offered = set({"bash": offered_by_bash, "fish": offered_by_fish}[name](script, line))
    assert wanted <= offered
    assert not unwanted & offered


def test_the_zsh_script_is_zsh(tmp_path):
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    script = tmp_path / "_helioctl"
    script.write_text(subprocess.run([BIN / "helioctl", "completion", "zsh"], capture_output=True, text=True,
                                     check=True).stdout)
    program = f"autoload -U compinit && compinit -u -d {tmp_path}/dump && source {script} && print $_comps[helioctl]"
    done = subprocess.run(["zsh", "-f", "-c", program], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert "_helioctl" in done.stdout
