"""helio-sim as a newcomer types it: one command beside the data folder of a running server."""
import json
import pathlib
import subprocess

import pytest

from server import BIN, PATIENCE, Server, free_port


class Newcomer:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.server = Server(self.folder / "data")

    def simulate(self, *arguments, status=0, port=None, **environment):
        done = subprocess.run(
            [BIN / "helio-sim", "--server", f"127.0.0.1:{port or self.server.udp}", *arguments], cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder),
                 "HELIO_ENDPOINT": f"http://127.0.0.1:{self.server.http}", **environment},
            capture_output=True, text=True, timeout=60 + PATIENCE)
        assert done.returncode == status, (done.stdout, done.stderr)
        return done

    def report(self, *arguments, **more):
        return json.loads(self.simulate("--json", *arguments, **more).stdout)


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory):
    made = Newcomer(tmp_path_factory.mktemp("newcomer"))
    yield made
    made.server.stop()


def test_one_command_registers_and_plays_a_network(newcomer):
    seen = newcomer.report("--register", "--devices", "3", "--gateways", "2", "--rate", "3", "--for", "20s",
                           "--first-dev-nonce", "1")
    assert seen["worked"] is True
    assert (seen["devices_joined"], seen["joins"]["accepted"]) == (3, 3)
    assert seen["uplinks"]["sent"] >= 3
    assert seen["push_data"]["sent"] == seen["push_data"]["acknowledged"] > seen["uplinks"]["sent"], "in copies"
    assert seen["downlinks"]["heard_rx1"] + seen["downlinks"]["heard_rx2"] >= 3
    for fault in ("malformed", "outside_window", "mic_failures", "repeated_counters", "malformed_frames"):
        assert seen["downlinks"][fault] == 0, fault
    assert sorted(g["Name"] for g in newcomer.server.ctl("gateway", "list")) == ["sim-0", "sim-1"]
    assert {d["DestinationName"] for d in newcomer.server.ctl("device", "list")} == {"sim"}


def test_the_same_command_again_registers_nothing_twice(newcomer):
    done = newcomer.simulate("--register", "--devices", "4", "--gateways", "2", "--rate", "4", "--for", "15s",
                             "--first-dev-nonce", "1000")
    assert "1 devices registered, 3 there already" in done.stderr
    assert "4 devices (4 joined) and 2 gateways" in done.stdout


def test_losses_are_survived_and_told(newcomer):
    seen = newcomer.report("--register", "--devices", "4", "--gateways", "2", "--rate", "4", "--for", "25s",
                           "--loss", "20", "--confirmed", "50", "--first-dev-nonce", "2000")
    assert seen["worked"] is True
    assert seen["uplinks"]["acknowledged"] > 0
    assert seen["downlinks"]["mic_failures"] == 0


def test_who_is_not_registered_is_told_what_to_do(newcomer):
    strangers = ("--gateway-eui", "0016c001fffe0000", "--abp", "--for", "2s")
    assert "are the gateways registered (--register does it)?" in newcomer.simulate(*strangers, status=1).stderr
    assert "is a server at --server" in newcomer.simulate("--abp", "--for", "1s", status=1, port=free_port()).stderr
    assert "no join was accepted" in newcomer.simulate(
        "--dev-eui", "a0b1c2d3eeee0000", "--for", "3s", status=1).stderr


def test_what_cannot_be_registered_is_told(newcomer):
    told = newcomer.simulate("--register", "--for", "1s", status=1, HELIO_ENDPOINT="http://127.0.0.1:1").stderr
    assert "does not answer" in told and "`helioctl gateway add` did not register everything" in told


def test_the_help_begins_with_a_command_that_works():
    told = subprocess.run([BIN / "helio-sim", "--help"], capture_output=True, text=True, check=True).stdout
    assert "helio-sim --register --devices 10" in told
    for headline in ("The network:", "The devices:", "Trouble:", "What is told:", "Load:"):
        assert headline in told
    for wrong, complaint in ((["--rate", "0"], "--rate"), (["--for", "soon"], "60s, 5m or 1h"),
                             (["--server", "nowhere"], "HOST:PORT"), (["--region", "MARS"], "not known"),
                             (["--sub-band", "3"], "no such sub-band"), (["--refuse", "x"], "WORD=PERCENT")):
        done = subprocess.run([BIN / "helio-sim", *wrong], capture_output=True, text=True)
        assert done.returncode == 2 and complaint in done.stderr, (wrong, done.stderr)
