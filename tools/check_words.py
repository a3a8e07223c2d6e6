# Words that have no place in the source: loose ends, waits by the clock, unawaited coroutines, paths of one machine.
import re
import sys

from sources import CPP, files, report, text

RULES = [  # where (suffixes), except (path pattern), what, why
    ((), r"^tools/check_words\.py$|\.png$", r"\b(TODO|FIXME|XXX)\b", "finish it, or write down why not"),
    (CPP, r"^src/async/async\.(cpp|hpp)$", r"\bdetached\b", "spawn it in a TaskGroup, which is awaited"),
    (CPP, r"^$", r"this_thread::sleep|\busleep\(|[^_]\bsleep\(", "wait on an event, not by the clock"),
    ((".py",), r"^tests/e2e/service\.py$|^tests/e2e/waiting\.py$|^(tools|chaos|bench)/", r"time\.sleep\(", "use eventually()"),
    ((), r"^tools/check_words\.py$|\.png$", r"(?<![\w.])/(home|root|Users|work)/\w", "no path of one machine"),
]


def main():
    found = []
    names = files()
    for name in names:
        try:
            source = text(name)
        except UnicodeDecodeError:
            continue  # A binary; the repository has none but pictures.
        for suffixes, excepted, pattern, why in RULES:
            if (suffixes and not name.endswith(suffixes)) or re.search(excepted, name):
                continue
            for match in re.finditer(pattern, source):
                line = source[: match.start()].count("\n") + 1
                found.append(f"{name}:{line}: `{match[0].strip()}`: {why}")
    return report("words", found, f"{len(names)} files")


if __name__ == "__main__":
    sys.exit(main())
