"""The crash tests start the server as the end-to-end tests do, and speak to it as the interoperation tests."""
import pathlib
import sys

TESTS = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "interop")]
