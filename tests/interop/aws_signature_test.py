"""Signature Version 4 over the wire: what botocore signs is taken, anything changed since is refused with 403."""
import datetime
import http.client
import json
import shutil
import subprocess

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from aws_client import REGION, refused, serve


@pytest.fixture(scope="module")
def target():
    yield from serve()


class Wire:
    """A request that is signed by botocore, may be changed, and is sent as it stands."""

    def __init__(self, target, method="GET", path="/destinations", body=b"", headers=None, token=None,
                 auth=SigV4Auth, service="iotwireless", **options):
        self.port = target.server.http
        request = AWSRequest(method, f"http://127.0.0.1:{self.port}{path}", headers or {}, body)
        auth(Credentials(target.key, target.secret, token), service, REGION, **options).add_auth(request)
        prepared = request.prepare()
        self.method, self.body, self.headers = prepared.method, body, list(prepared.headers.items())
        self.path = prepared.url.split(f":{self.port}", 1)[1]

    def replace(self, name, change):
        self.headers = [(key, change(value) if key.lower() == name else value) for key, value in self.headers]
        return self

    def send(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(self.method, self.path, skip_host=True, skip_accept_encoding=True)
        if not any(name.lower() == "host" for name, _ in self.headers):
            connection.putheader("Host", f"127.0.0.1:{self.port}")
        for name, value in self.headers:
            if name.lower() != "content-length":
                connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(self.body)))
        connection.endheaders(self.body)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        self.answer = answer.headers
        return answer.status, answer.headers.get("x-amzn-ErrorType"), text


GOOD = {
    "a query in another order": dict(path="/destinations?nextToken=a&maxResults=2"),
    "a query with an empty value": dict(path="/destinations?nextToken=&maxResults=2"),
    "a query without a value": dict(path="/destinations?nextToken"),
    "one name twice in a query": dict(path="/destinations?x=b&x=a&x=B&X=1"),
    "encoded characters in a query": dict(path="/destinations?nextToken=a%2Fb%20c%2B%C3%BC%3D%26"),
    "a header with blanks in it": dict(headers={"x-amz-meta-note": "  a   b  "}),
    "an empty header": dict(headers={"x-amz-meta-note": ""}),
    "a session token": dict(token="some-session-token"),
    "a body": dict(method="POST", path="/service-profiles", body=b'{"Name": "\xc3\xbc"}'),
    "a presigned query": dict(auth=SigV4QueryAuth, expires=60),
    "a presigned query with a session token": dict(auth=SigV4QueryAuth, expires=60, token="some-session-token"),
    "the old name of the control plane": dict(path="/rules", service="execute-api"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_botocore_signs_is_accepted(target, name):
    status, error, text = Wire(target, **GOOD[name]).send()
    assert status < 300, (error, text)


@pytest.mark.parametrize("arguments", [
    ["/wireless-gateways?maxResults=2"],
    ["/service-profiles", "-H", "Content-Type: application/json", "-d", '{"Name": "x"}'],
])
def test_curl_signs_as_well(target, arguments):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    path, *more = arguments
    told = subprocess.run(
        ["curl", "-sf", "--aws-sigv4", f"aws:amz:{REGION}:iotwireless", "--user", f"{target.key}:{target.secret}",
         f"{target.endpoint}{path}", *more], capture_output=True, text=True, check=True).stdout
    assert {"WirelessGatewayList", "Id"} & set(json.loads(told))


def test_an_encoded_slash_stays_inside_its_segment(target):
    status, error, text = Wire(target, path="/destinations/a%2Fb").send()
    assert (status, error) == (404, "ResourceNotFoundException"), text
    assert json.loads(text)["ResourceId"] == "a/b"


def test_header_names_are_of_any_case(target):
    wire = Wire(target)
    wire.headers = [(name.upper(), value) for name, value in wire.headers]
    assert wire.send()[0] == 200


@pytest.mark.parametrize("name,change,code", [
    ("the path", lambda w: setattr(w, "path", "/service-profiles"), "InvalidSignatureException"),
    ("the query", lambda w: setattr(w, "path", w.path + "?maxResults=1"), "InvalidSignatureException"),
    ("the method", lambda w: setattr(w, "method", "POST"), "InvalidSignatureException"),
    ("the body", lambda w: setattr(w, "body", b"{}"), "InvalidSignatureException"),
    ("the host", lambda w: w.headers.append(("Host", "other.example")), "InvalidSignatureException"),
    ("a signed header", lambda w: w.replace("x-amz-meta-note", lambda v: v + "!"), "InvalidSignatureException"),
    ("a signed header, twice", lambda w: w.headers.append(("x-amz-meta-note", "b")), "InvalidSignatureException"),
    ("an x-amz- header that is not signed", lambda w: w.headers.append(("x-amz-tagging", "a=b")),
     "InvalidSignatureException"),
    ("an unsigned payload", lambda w: w.headers.append(("x-amz-content-sha256", "UNSIGNED-PAYLOAD")),
     "InvalidSignatureException"),
    ("the last digit of the signature", lambda w: w.replace(
        "authorization", lambda v: v[:-1] + ("0" if v[-1] != "0" else "1")), "InvalidSignatureException"),
    ("the region of the scope", lambda w: w.replace(
        "authorization", lambda v: v.replace(f"/{REGION}/", "/eu-west-1/")), "InvalidSignatureException"),
    ("the service of the scope", lambda w: w.replace(
        "authorization", lambda v: v.replace("/iotwireless/", "/iot/")), "InvalidSignatureException"),
    ("the key", lambda w: w.replace("authorization", lambda v: v.replace("Credential=", "Credential=X")),
     "UnrecognizedClientException"),
    ("a date of another day", lambda w: w.replace("x-amz-date", lambda v: "20200101" + v[8:]),
     "IncompleteSignatureException"),
    ("a date that is none", lambda w: w.replace("x-amz-date", lambda v: "yesterday"), "IncompleteSignatureException"),
    ("another algorithm", lambda w: w.replace("authorization", lambda v: v.replace("SHA256", "SHA1")),
     "IncompleteSignatureException"),
    ("no signature", lambda w: setattr(w, "headers", []), "MissingAuthenticationTokenException"),
    ("an empty signature", lambda w: w.replace("authorization", lambda v: ""), "IncompleteSignatureException"),
    ("HTTP's own kind", lambda w: w.replace("authorization", lambda v: "Basic YTpi"), "IncompleteSignatureException"),
])
def test_a_change_after_the_signature_is_refused(target, name, change, code):
    wire = Wire(target, headers={"x-amz-meta-note": "a"})
    change(wire)
    status, error, text = wire.send()
    assert (status, error) == (403, code), text
    assert json.loads(text)["message"]


def at(minutes):
    """botocore's clock, set by so many minutes."""
    shifted = datetime.datetime.utcnow() + datetime.timedelta(minutes=minutes)

    class Clock(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return shifted

        @classmethod
        def now(cls, tz=None):
            return shifted.replace(tzinfo=tz)

    return type("Module", (), {"datetime": Clock, "timedelta": datetime.timedelta, "timezone": datetime.timezone})


@pytest.mark.parametrize("minutes,accepted", [(-16, False), (-14, True), (14, True), (16, False)])
def test_a_clock_may_differ_by_fifteen_minutes(target, monkeypatch, minutes, accepted):
    monkeypatch.setattr("botocore.auth.datetime", at(minutes))
    wire = Wire(target)
    status, error, text = wire.send()
    assert (status, error) == ((200, None) if accepted else (403, "RequestExpired")), text
    assert wire.answer["Date"]  # by which SDKs set their clock right


def test_a_presigned_query_expires(target, monkeypatch):
    monkeypatch.setattr("botocore.auth.datetime", at(-2))
    assert Wire(target, auth=SigV4QueryAuth, expires=60).send()[:2] == (403, "RequestExpired")
    assert Wire(target, auth=SigV4QueryAuth, expires=600).send()[0] == 200


def test_an_unknown_operation_is_told_so(target):
    for wire in (Wire(target, path="/fuota-tasks"), Wire(target, method="PUT"), Wire(target, service="s3")):
        status, error, text = wire.send()
        assert (status, error) == (404, "UnknownOperationException")
        assert "is no operation of this server" in json.loads(text)["message"]
    refused(404, "UnknownOperationException", target.client("iotwireless").list_fuota_tasks)


def test_wrong_signatures_are_counted(target):
    def counted():
        text = Wire(target, path="/metrics").send()[2].decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if not line.startswith("#") and "signature" in line)
    before = counted()
    refused(403, "InvalidSignatureException", target.client("iot", secret="wrong" * 8).list_topic_rules)
    assert counted() == before + 1
