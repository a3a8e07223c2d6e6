# Keeps files and functions small, by ratchet. What was over its limit when this began is listed in size_budget.json:
# nothing new may be over, nothing listed may grow, and what shrinks is recorded (check_sizes.py --update, `make fmt`).
import ast
import bisect
import json
import re
import sys

from sources import CPP, ROOT, files, report, text

FILE_LINES = 250
FUNCTION_LINES = 60
COMMENT_SHARE = (0.06, 0.20)  # Of all lines of src without its tests; the aim is 8 to 15 %.
BUDGET = ROOT / "tools/size_budget.json"

# What holds no brace that counts: comments, raw strings, strings, characters (not the ' of 10'000).
NOISE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
    re.S,
)
SCOPE = re.compile(r"^\s*(?:template\s*<.*>\s*)?(?:inline\s+)?(?:namespace|class|struct|union|enum|extern)\b", re.S)


def blanked(source):
    """The source with comments and literals replaced by blanks, line breaks kept."""
    return NOISE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)


def cpp_functions(source):
    """(name, lines) of each function, a lambda counting to the function around it."""
    source = re.sub(r"^[ \t]*#.*$", "", blanked(source), flags=re.M)
    line_starts = [0, *(match.end() for match in re.finditer("\n", source))]

    def line_of(position):
        return bisect.bisect_right(line_starts, position)

    stack, header_from, found = [], 0, []
    for match in re.finditer(r"[{};]", source):
        at, symbol = match.start(), match[0]
        inside = any(kind == "function" for kind, _, _ in stack)
        if symbol == "{":
            header = source[header_from:at]
            # A body's brace stands behind a blank; one of a member initialiser (`: a_{1}`) behind its name.
            if inside or not header[-1:].isspace():
                kind = "other"
            elif SCOPE.match(header) or "(" not in header or re.search(r"=\s*$|\breturn\s*$", header):
                kind = "scope"
            else:
                kind = "function"
            start = header_from + len(header) - len(header.lstrip())
            stack.append((kind, start, header))
            if kind != "other":
                header_from = at + 1
        elif symbol == "}":
            if stack:
                kind, start, header = stack.pop()
                if kind == "function":
                    found.append((function_name(header), line_of(at) - line_of(start) + 1))
                if kind != "other" and not any(k == "function" for k, _, _ in stack):
                    header_from = at + 1
        elif not inside and not (stack and stack[-1][0] == "other"):
            header_from = at + 1
    return found


def function_name(header):
    before = header.split("(")[0].split()
    test = re.match(r"\s*(?:RC_GTEST_PROP|T(?:YPED_)?EST(?:_[FP])?)\s*\(\s*(\w+)\s*,\s*(\w+)", header)
    return f"{test[1]}.{test[2]}" if test else (before[-1] if before else "?")


def python_functions(source):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(n.name, n.end_lineno - n.lineno + 1) for n in ast.walk(ast.parse(source)) if isinstance(n, kinds)]


def measured():
    """What is over its limit: {file: lines} and {file function: lines}."""
    over = {"files": {}, "functions": {}}
    for name in files(*CPP, ".py", ".sh", under=("src/", "tests/", "tools/", "chaos/", "bench/", "deploy/")):
        source = text(name)
        lines = source.count("\n")
        if lines > FILE_LINES:
            over["files"][name] = lines
        found = (
            cpp_functions(source) if name.endswith(CPP) else python_functions(source) if name.endswith(".py") else []
        )
        for function, length in found:
            if length > FUNCTION_LINES:
                key = f"{name} {function}"
                over["functions"][key] = max(length, over["functions"].get(key, 0))
    return over


def comment_share():
    comments = lines = 0
    for name in files(*CPP, under=("src/",)):
        if not name.endswith("_test.cpp"):
            source = text(name)
            lines += sum(1 for line in source.splitlines() if line.strip())
            comments += sum(1 for line in source.splitlines() if re.search(r"^\s*//|\S\s+//", line))
    return comments / max(lines, 1)


def main():
    over = measured()
    budget = json.loads(BUDGET.read_text()) if BUDGET.exists() else {"files": {}, "functions": {}}
    if "--update" in sys.argv:
        kept = {kind: {k: min(v, over[kind][k]) for k, v in budget[kind].items() if k in over[kind]} for kind in budget}
        BUDGET.write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
        return 0

    problems = []
    for kind, limit in (("files", FILE_LINES), ("functions", FUNCTION_LINES)):
        for key, lines in over[kind].items():
            allowed = budget[kind].get(key, limit)
            if lines > allowed:
                problems.append(f"{key}: {lines} lines, at most {allowed}: split it along what it does")
        for key, allowed in budget[kind].items():
            if over[kind].get(key, 0) < allowed:
                problems.append(f"{key}: has shrunk below its budget of {allowed}; record it with `make fmt`")
    share = comment_share()
    low, high = COMMENT_SHARE
    if not low <= share <= high:
        problems.append(f"src: {share:.1%} of the lines are comments; between {low:.0%} and {high:.0%} is readable")
    return report("sizes", problems, f"files ≤ {FILE_LINES}, functions ≤ {FUNCTION_LINES} lines, comments {share:.1%}")


if __name__ == "__main__":
    sys.exit(main())
