# What `make mutants` changes in a line of code: a condition, a bound, a sign, or the whole line.
import functools
import re

# Text → what stands in its place. A blank on both sides tells an operator from a template's bracket.
SWAPS = [
    (" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > "), (" == ", " != "), (" != ", " == "),
    (" && ", " || "), (" || ", " && "), (" + ", " - "), (" - ", " + "), (" * ", " / "), (" / ", " * "),
    ("true", "false"), ("false", "true"), ("std::min", "std::max"), ("std::max", "std::min"),
    ("any_of", "all_of"), ("all_of", "any_of"), ("++", "--"), (" += ", " -= "), (" -= ", " += "),
]  # fmt: skip
# What never compiles, or what nobody could notice: texts are not subtracted, and room reserved is time, not a result.
VAIN = re.compile(r"^\s*(?:#|template|static_assert|namespace|case |virtual )|\.reserve\(")
ADDED = {" + ", " += ", "++"}
NEGATED = re.compile(r"(?<=\()!(?=\w)|(?<= )!(?=\w)")
CONDITION = re.compile(r"\b(?:if|while) \(")
NUMBER = re.compile(r"(?<![\w.'\"])(\d[\d']*)(?![\w.'\"])")
# A statement that is a call for its effect, whole on its line.
CALL = re.compile(r"^\s+[a-z_][\w.\->]*\w\([^;{}]*\);$")
ASSIGNMENT = re.compile(r"^\s+[a-z_][\w.\->]*\w = [^;{}]*;$")
# A function whole on its line, as headers have them: what it does, whether it holds.
DOES = re.compile(r"^\s*[\w~].*\) (?:const )?(?=\{ (?!return\b)[^{}]+; \}$)")
HOLDS = re.compile(r"^\s*(?:constexpr |static |inline )*bool [\w:]+\(.*\{ return (?=([^{};]+); \}$)")
KEYWORDS = ("return", "co_return", "static_assert", "throw", "for", "while", "if", "using")


@functools.cache
def whole(text):
    """Finds it where it is not a part of a longer name: `call_of` has no `all_of`."""
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)" if text[-1].isalpha() else re.escape(text))


def code_of(line):
    """The line with the contents of its texts and its comment blanked, at the same places."""
    blanked = re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: '"' + " " * (len(found[0]) - 2) + '"', line)
    at = blanked.find("//")
    return blanked if at < 0 else blanked[:at] + " " * (len(blanked) - at)


def closing(code, at):
    """Where the bracket closes that was opened before `at`; 0 when on a later line."""
    depth = 1
    for place in range(at, len(code)):
        depth += {"(": 1, ")": -1}.get(code[place], 0)
        if depth == 0:
            return place
    return 0


def end_of(code, at):
    """Where the expression ends that begins there."""
    depth = 0
    for place in range(at, len(code)):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(code[place], 0)
        if depth < 0 or (depth == 0 and code[place] in ";,"):
            return place
    return len(code)


def is_of_text(code, found):
    """Whether something is added to a text; or the step of a loop, without which it never ends."""
    if found[0] == "++":
        return code.lstrip().startswith("for (")
    return any(part in code for part in ('"', "to_string", "+= '", "+ '"))


def changes_of(line):
    """Every line that may stand in its place."""
    code = code_of(line)
    if not code.strip() or VAIN.search(code):
        return
    found = list(finer_changes_of(line, code))
    yield from found or coarser_changes_of(line, code.rstrip())


def coarser_changes_of(line, code):
    """Of a line without anything finer."""
    if found := DOES.match(code):
        yield line[: found.end()] + "{}" + line[len(code) :]
    if found := HOLDS.match(code):
        yield f"{line[: found.end()]}!({line[found.start(1) : found.end(1)]}){line[found.end(1) :]}"
    if code.count(" ? ") == 1 and code.count(" : ") == 1 and code.endswith((";", "}", ")")):
        first, second = code.index(" ? ") + 3, code.index(" : ") + 3
        end = end_of(code, second)
        if code[end:].startswith(","):  # One of several arguments, or of a template's.
            return
        yield line[:first] + line[second:end] + " : " + line[first : second - 3] + line[end:]


def finer_changes_of(line, code):
    for old, new in SWAPS:
        for found in whole(old).finditer(code):
            if old in ADDED and is_of_text(code, found):
                continue
            yield line[: found.start()] + new + line[found.end() :]
    for found in NEGATED.finditer(code):
        yield line[: found.start()] + line[found.end() :]
    for found in CONDITION.finditer(code):
        end = closing(code, found.end())
        if end and "=" not in re.sub("[=!<>]=", "", code[found.end() : end]):
            yield f"{line[: found.end()]}!({line[found.end() : end]}){line[end:]}"
    for found in NUMBER.finditer(code):
        yield line[: found.start()] + str(int(found[1].replace("'", "")) + 1) + line[found.end() :]
    if (CALL.match(code) or ASSIGNMENT.match(code)) and not code.lstrip().startswith(KEYWORDS):
        yield ""
