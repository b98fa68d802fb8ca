"""When programs begin at the same time."""
import subprocess

from harness import PATIENCE, expect


def domain_add(place, name):
    return subprocess.Popen([place.program, "--data", str(place.folder / "data"), "domain", "add", name],
                            stderr=subprocess.PIPE, text=True)


def test_commands_that_begin_at_once_take_turns(place):
    place.make_account()
    commands = [domain_add(place, f"d{number}.test") for number in range(8)]
    for command in commands:
        _, errors = command.communicate(timeout=PATIENCE)
        expect(command.returncode == 0, f"the command ended with {command.returncode}: {errors}")
    expect(len(place.listing("domain", "list")) == 9, "not all have done what they said")
