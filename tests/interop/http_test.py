"""The HTTP server as curl, hand-made requests and ill-behaved clients see it.  (boto3 and the aws
command line: aws_api_test.py.)"""
import json
import re
import resource
import socket
import subprocess
import time

import pytest

from server import PATIENCE, free_port, running

GET = b"GET /healthz HTTP/1.1\r\nHost: h\r\n"
POST = b"POST /device-profiles HTTP/1.1\r\nHost: h\r\n"


@pytest.fixture(scope="module")
def server():
    tls = free_port()
    with running(**{"http.tls": f"127.0.0.1:{tls}"}) as server:
        server.tls = tls
        yield server


class Raw:
    def __init__(self, server, data=b""):
        self.socket = socket.create_connection(("127.0.0.1", server.http), PATIENCE)
        self.heard = b""
        try:
            self.socket.sendall(data)
        except ConnectionError:
            pass  # it has answered and closed before the end of a long request

    def answer(self):
        """(status, headers, body) of the next answer; an interim one counts."""
        while b"\r\n\r\n" not in self.heard:
            self.more()
        head, self.heard = self.heard.split(b"\r\n\r\n", 1)
        status, *lines = head.decode().split("\r\n")
        headers = dict(re.fullmatch(r"([^:]+): (.*)", line).groups() for line in lines)
        size = int(headers.get("Content-Length", 0))
        while len(self.heard) < size:
            self.more()
        body, self.heard = self.heard[:size], self.heard[size:]
        return int(status.split()[1]), headers, body

    def more(self):
        got = self.socket.recv(65536)
        assert got, f"closed after {self.heard!r}"
        self.heard += got

    def closed(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True


BAD = {
    "no method": (b"\x16\x03\x01\x00\xf4\x01\r\n\r\n", 400),
    "every byte": (bytes(range(256)) * 8, 400),
    "HTTP/0.9": (b"GET /healthz\r\n\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "no Host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (GET + b"Host: i\r\n\r\n", 400),
    "a target that is no path": (b"GET healthz HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    "CONNECT": (b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    "a space before the colon": (GET + b"X : 1\r\n\r\n", 400),
    "U+0000 in a header": (GET + b"X: a\0b\r\n\r\n", 400),
    "a long header line": (GET + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 431),
    "many header lines": (GET + b"X: 1\r\n" * 5_000 + b"\r\n", 431),
    "a long target": (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: h\r\n\r\n", 431),
    "a length that is no number": (POST + b"Content-Length: -1\r\n\r\n", 400),
    "a length beyond 64 bits": (POST + b"Content-Length: 99999999999999999999999\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\na", 400),
    "a length and chunks": (POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "a coding that is not spoken": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
    "chunks that are none": (POST + b"Transfer-Encoding: chunked\r\n\r\nzzz\r\n", 400),
    "a chunk beyond 64 bits": (POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\na", 400),
    "a body that is announced too long": (POST + b"Content-Length: 99999999\r\n\r\n", 413),
    "a body that is too long": (POST + b"Content-Length: 9000000\r\n\r\n" + b"x" * 9_000_000, 413),
    "an expectation that is not spoken": (POST + b"Expect: wonders\r\nContent-Length: 1\r\n\r\na", 417),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_gets_its_status_and_a_sentence_and_the_end(server, name):
    request, expected = BAD[name]
    raw = Raw(server, request)
    status, headers, body = raw.answer()
    assert (status, headers["Connection"]) == (expected, "close")
    assert len(json.loads(body)["message"].split()) >= 4
    assert raw.closed()


def test_requests_of_one_connection_are_answered_in_turn(server):
    raw = Raw(server, (GET + b"\r\n") * 20)
    for _ in range(20):
        assert raw.answer()[::2] == (200, b"ok\n")
    raw.socket.sendall(GET + b"Connection: close\r\n\r\n")
    assert raw.answer()[0] == 200
    assert raw.closed()


def test_http_1_0_is_closed_unless_it_asks_to_stay(server):
    raw = Raw(server, b"GET /healthz HTTP/1.0\r\n\r\n")
    assert raw.answer()[::2] == (200, b"ok\n") and raw.closed()
    raw = Raw(server, b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert raw.answer()[1]["Connection"] == "keep-alive"
    raw.socket.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
    assert raw.answer()[0] == 200


def test_a_body_in_chunks_ends_where_it_ends(server):
    raw = Raw(server, POST + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n" + GET + b"\r\n")
    assert raw.answer()[0] == 403  # not signed
    assert raw.answer()[::2] == (200, b"ok\n")


def test_a_client_that_asks_for_leave_to_send_gets_it(server):
    raw = Raw(server, POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
    assert raw.answer()[0] == 100
    raw.socket.sendall(b"abc")
    assert raw.answer()[0] == 403  # not signed


def test_head_is_get_without_the_body(server):
    raw = Raw(server, b"HEAD /healthz HTTP/1.1\r\nHost: h\r\n\r\n")
    while b"\r\n\r\n" not in raw.heard:
        raw.more()
    assert raw.heard.startswith(b"HTTP/1.1 200 ") and b"Content-Length: 3\r\n" in raw.heard
    assert raw.heard.endswith(b"\r\n\r\n")


def test_a_request_in_crumbs_is_a_request(server):
    raw = Raw(server)
    for byte in GET + b"\r\n":
        raw.socket.sendall(bytes([byte]))
    assert raw.answer()[::2] == (200, b"ok\n")


def test_a_thousand_clients_that_dawdle_keep_nobody_out(server):
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    dawdlers = [Raw(server, b"GET /healthz HT") for _ in range(1_200)]
    begin = time.monotonic()
    for _ in range(20):
        assert Raw(server, GET + b"\r\n").answer()[0] == 200
    assert time.monotonic() - begin < PATIENCE
    for one in dawdlers:
        one.socket.close()


def curl(*arguments):
    run = subprocess.run(["curl", "-sS", "-i", "--max-time", str(int(PATIENCE)), *map(str, arguments)],
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_curl(server):
    url = f"http://127.0.0.1:{server.http}"
    assert curl(f"{url}/healthz").startswith("HTTP/1.1 200 OK")
    assert curl(f"{url}/metrics").count("\n# HELP ") > 20
    assert curl("-I", f"{url}/metrics").startswith("HTTP/1.1 200 OK")
    assert curl("--http1.0", f"{url}/healthz").endswith("ok\n")
    assert curl(f"{url}/healthz", f"{url}/healthz").count("ok\n") == 2


def test_curl_sends_large_bodies_in_chunks_and_with_leave(server, tmp_path):
    url, body = f"http://127.0.0.1:{server.http}/device-profiles", tmp_path / "body"
    body.write_bytes(b"x" * 3_000_000)
    for way in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]):
        assert "HTTP/1.1 403 Forbidden" in curl(*way, "--data-binary", f"@{body}", url)
    body.write_bytes(b"x" * 9_000_000)
    assert "HTTP/1.1 413 " in curl("-H", "Expect: 100-continue", "--data-binary", f"@{body}", url)


def test_curl_over_tls_with_the_servers_own_authority(server):
    url = f"https://localhost:{server.tls}/healthz"
    assert curl("--cacert", server.data / "ca.pem", url).startswith("HTTP/1.1 200 OK")
    assert curl("--cacert", server.data / "ca.pem", "--tls-max", "1.2", url).startswith("HTTP/1.1 200 OK")
    with pytest.raises(AssertionError, match="certificate"):
        curl(url)
