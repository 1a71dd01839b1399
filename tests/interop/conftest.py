"""What the interoperation tests share: the server of the end-to-end tests, under the real clients."""
import pathlib
import sys

TESTS = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "e2e"), str(TESTS / "interop")]
