"""The server that the tests of a file share, with a network on it."""
import tempfile

import pytest

from network import Network


@pytest.fixture(scope="module")
def one_server():
    with tempfile.TemporaryDirectory() as folder:
        network = Network(folder + "/data")
        yield network
        network.close()


@pytest.fixture
def network(one_server):
    """With gateways of the test's own: a transmission of another test holds none of them."""
    one_server.put_up_gateways()
    yield one_server
    one_server.take_down_gateways()
