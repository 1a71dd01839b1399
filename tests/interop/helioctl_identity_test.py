"""helioctl's verbs for certificates, CAs, policies, things and access keys, on a running server."""
import json
import os
import subprocess

import pytest

import certificates
from server import BIN, PATIENCE, running

EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def server():
    with running() as server:
        yield server


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def policy(server, tmp_path_factory):
    document = tmp_path_factory.mktemp("policy") / "policy.json"
    document.write_text(json.dumps(EVERYTHING))
    server.ctl("policy", "create", "everything", document)
    return "everything"


def refusal(server, *arguments):
    """What is said of a command that must fail."""
    run = subprocess.run([BIN / "helioctl", "--endpoint", f"http://127.0.0.1:{server.http}", "--credentials",
                          server.data / "credentials", *arguments], capture_output=True, text=True, timeout=PATIENCE)
    assert run.returncode == 1, run.stdout
    assert run.stderr.startswith("helioctl: ")
    return run.stderr


def test_a_certificate_is_made_with_its_files_its_policy_and_its_thing(server, policy, folder):
    server.ctl("thing", "add", "pump", "--attribute", "site=roof")
    made = server.ctl("cert", "create", "--out", "pump", "--policy", policy, "--thing", "pump")
    assert os.stat("pump.key").st_mode & 0o777 == 0o600
    assert (folder / "pump.pem").read_text() == made["certificatePem"]
    shown = server.ctl("cert", "show", "pump.pem")
    assert shown["certificateId"] == made["certificateId"] and shown["status"] == "ACTIVE"
    assert [p["policyName"] for p in shown["policies"]] == [policy]
    assert server.ctl("thing", "show", "pump")["principals"] == [made["certificateArn"]]
    assert made["certificateArn"] in server.ctl("policy", "show", policy)["targets"]
    explained = subprocess.run(
        [BIN / "helioctl", "--endpoint", f"http://127.0.0.1:{server.http}", "--credentials", server.data / "credentials",
         "policy", "explain", "iot:Publish", "topic/a/b", "--principal", "pump.pem"],
        capture_output=True, text=True, timeout=PATIENCE)
    assert explained.stdout.startswith(f"ALLOWED by statement 1 of {policy}."), explained.stderr


def test_files_that_are_there_are_not_overwritten_and_nothing_is_made(server, folder):
    before = len(server.ctl("cert", "list"))
    (folder / "old.key").write_text("precious")
    assert "old.key is there already" in refusal(server, "cert", "create", "--out", "old")
    assert (folder / "old.key").read_text() == "precious"
    assert len(server.ctl("cert", "list")) == before


def test_a_certificate_is_named_by_the_beginning_of_its_id(server):
    name = server.ctl("cert", "create")["certificateId"]
    short = name[:16]
    for verb, status in [("deactivate", "INACTIVE"), ("activate", "ACTIVE"), ("revoke", "REVOKED")]:
        assert server.ctl("cert", verb, short) == {"certificateId": name, "status": status}
        assert server.ctl("cert", "show", short)["status"] == status
    server.ctl("cert", "delete", short)
    assert "No certificate begins with" in refusal(server, "cert", "show", short)


def test_an_active_certificate_is_deleted_by_force_only(server, policy):
    name = server.ctl("cert", "create", "--policy", policy)["certificateId"]
    assert "deactivated" in refusal(server, "cert", "delete", name)
    server.ctl("cert", "delete", name, "--force")
    assert name not in [c["certificateId"] for c in server.ctl("cert", "list")]


def test_a_ca_is_registered_with_the_code_and_its_certificates_by_it(server, folder):
    ca = certificates.authority("Plant CA")
    (folder / "ca.pem").write_text(ca.pem)
    code = server.ctl("ca", "code")["registrationCode"]
    (folder / "proof.pem").write_text(ca.sign(code).pem)
    made = server.ctl("ca", "register", "ca.pem", "--verification", "proof.pem", "--auto-register")
    assert made["certificateId"] == ca.id
    assert ca.id in [c["certificateId"] for c in server.ctl("ca", "list")]
    device = ca.sign("pump")
    (folder / "device.pem").write_text(device.pem)
    assert server.ctl("cert", "register", "device.pem")["certificateId"] == device.id


def test_a_policy_is_attached_replaced_and_deleted(server, folder):
    (folder / "p.json").write_text(json.dumps(EVERYTHING))
    server.ctl("policy", "create", "mine", "p.json")
    assert server.ctl("policy", "create", "mine", "p.json", "--replace")["policyVersionId"] == "2"
    server.ctl("policy", "attach", "mine", "user/anna")
    assert server.ctl("policy", "show", "mine")["targets"] == ["arn:aws:iot:us-east-1:123456789012:user/anna"]
    assert "versions" in refusal(server, "policy", "delete", "mine")
    server.ctl("policy", "detach", "mine", "user/anna")
    assert server.ctl("policy", "show", "mine")["targets"] == []
    (folder / "bad.json").write_text("{")
    assert "policy" in refusal(server, "policy", "create", "bad", "bad.json")


def test_a_key_is_shown_once_and_may_do_what_its_policies_allow(server, policy):
    made = server.ctl("key", "add", "--name", "ci", "--policy", policy)
    listed = [k for k in server.ctl("key", "list") if k["accessKeyId"] == made["accessKeyId"]]
    assert listed[0]["name"] == "ci" and "secretAccessKey" not in listed[0]
    client = server.client("iot", key=made["accessKeyId"], secret=made["secretAccessKey"])
    assert client.list_things()["things"]
    server.ctl("key", "remove", made["accessKeyId"])
    assert made["accessKeyId"] not in [k["accessKeyId"] for k in server.ctl("key", "list")]
