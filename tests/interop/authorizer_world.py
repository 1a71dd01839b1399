"""What the server under test asks about its clients: an issuer of JSON Web Tokens, and somebody's HTTP authorizer."""
import base64
import http.server
import json
import threading
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def json_part(value):
    return base64url(json.dumps(value).encode())


def number(value, size):
    return base64url(value.to_bytes(size, "big"))


class Issuer:
    """Keys of the tests, and tokens signed with them."""

    def __init__(self):
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.ed = ed25519.Ed25519PrivateKey.generate()

    def sign(self, algorithm, data):
        if algorithm == "RS256":
            return self.rsa.sign(data, padding.PKCS1v15(), hashes.SHA256())
        if algorithm == "ES256":
            r, s = utils.decode_dss_signature(self.ec.sign(data, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self.ed.sign(data)

    def token(self, algorithm="RS256", key_id=None, header=None, **claims):
        head = {"alg": algorithm, "typ": "JWT", **({"kid": key_id} if key_id else {}), **(header or {})}
        body = {"iss": "https://id.example", "aud": "hub", "sub": "sensor-1", "exp": int(time.time()) + 600, **claims}
        part = f"{json_part(head)}.{json_part(body)}"
        return f"{part}.{base64url(self.sign(algorithm, part.encode()))}"

    def jwks(self, *ids):
        """One key of each kind, with these ids."""
        public = self.rsa.public_key().public_numbers()
        point = self.ec.public_key().public_numbers()
        ed = self.ed.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        keys = [
            {"kty": "RSA", "n": number(public.n, 256), "e": "AQAB"},
            {"kty": "EC", "crv": "P-256", "x": number(point.x, 32), "y": number(point.y, 32)},
            {"kty": "OKP", "crv": "Ed25519", "x": base64url(ed)},
        ]
        return {"keys": [{**key, "kid": key_id} for key, key_id in zip(keys, ids)]}

    def pem(self):
        return self.rsa.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


class World(http.server.ThreadingHTTPServer):
    """Everything that the server under test asks: an authorizer and an issuer's keys."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.events, self.pages, self.asked = [], {}, []
        self.answer = lambda event: {"isAuthenticated": True, "principalId": "p1", "policyDocuments": [ALLOW],
                                     "disconnectAfterInSeconds": 3600, "refreshAfterInSeconds": 300}
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def reply(self, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        self.server.asked.append(self.path)
        page = self.server.pages.get(self.path)
        self.reply(page) if page is not None else self.send_error(404)

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.events.append(event)
        try:
            self.reply(self.server.answer(event))
        except BrokenPipeError:
            pass  # it waited no longer


@pytest.fixture(scope="module")
def issuer():
    return Issuer()


@pytest.fixture(scope="module")
def world():
    with World() as world:
        yield world
        world.shutdown()
