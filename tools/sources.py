# Which files are ours, for every check: what git tracks or would track, without what is ignored.
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
CPP = (".cpp", ".hpp")


def files(*suffixes, under=("",)):
    """Our files with one of these suffixes below one of these folders, sorted, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return sorted(
        name
        for name in set(listed)
        if name
        and name.startswith(tuple(under))
        and (not suffixes or name.endswith(suffixes))
        and (ROOT / name).is_file()
    )


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def report(check, problems, good):
    """Prints each problem, then one closing line; returns the exit code."""
    for problem in problems:
        print(problem)
    print(f"{check}: {f'{len(problems)} problem(s)' if problems else good}")
    return 1 if problems else 0
