"""The AWS clients of the interoperation tests: boto3 and the `aws` command line, as people have them."""
import json
import os
import subprocess

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

from aws_model import Watch
from server import free_port, running

ROLE = "arn:aws:iam::123456789012:role/lorawan"
REGION = "us-east-1"


class Target:
    """A running server by one of its listeners, and its administrator's key."""

    def __init__(self, server, scheme):
        self.server = server
        self.watch = Watch()
        self.key, self.secret = server.key, server.secret
        self.ca = str(server.data / "ca.pem") if scheme == "https" else None
        self.endpoint = f"https://localhost:{server.https}" if self.ca else f"http://127.0.0.1:{server.http}"

    def client(self, service, key=None, secret=None, **config):
        """A client each of whose answers is held against botocore's model of the service."""
        client = boto3.client(
            service, endpoint_url=self.endpoint, region_name=REGION, verify=self.ca,
            aws_access_key_id=key or self.key, aws_secret_access_key=secret or self.secret,
            config=Config(retries={"max_attempts": 0}, **config))
        self.watch.attach(client)
        return client

    def post(self, service, path, body):
        """To a resource of our own, which botocore does not know."""
        signed = AWSRequest("POST", self.endpoint + path, data=json.dumps(body))
        SigV4Auth(Credentials(self.key, self.secret), service, REGION).add_auth(signed)
        answer = URLLib3Session(verify=self.ca).send(signed.prepare())
        assert answer.status_code == 200, answer.text
        return json.loads(answer.text)

    def run_aws(self, *arguments):
        """Runs the aws command line with the credentials file that the server has written."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= {"AWS_SHARED_CREDENTIALS_FILE": str(self.server.data / "credentials"),
                        "AWS_CONFIG_FILE": os.devnull, "AWS_DEFAULT_REGION": REGION, "AWS_PAGER": ""}
        if self.ca:
            environment["AWS_CA_BUNDLE"] = self.ca
        return subprocess.run(["/usr/bin/aws", "--endpoint-url", self.endpoint, "--output", "json", *arguments],
                              env=environment, capture_output=True, text=True, timeout=60)

    def aws(self, *arguments):
        run = self.run_aws(*arguments)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout) if run.stdout.strip() else {}


def serve(scheme="http", **settings):
    """For a fixture: a server of its own, and how the clients reach it."""
    https = free_port()
    with running(**{"http.tls": f"127.0.0.1:{https}", **settings}) as server:
        server.https = https
        yield Target(server, scheme)


def refused(status, code, call, **arguments):
    """The error of a call that must be refused so."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status, response
    assert response["Error"]["Code"] == code, response
    assert response["Error"]["Message"]
    assert response["ResponseMetadata"]["RequestId"]
    return response
