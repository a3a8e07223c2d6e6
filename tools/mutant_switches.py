# Many mutants of headers in one build: each changed line has both forms, and a variable of the environment says which one
# runs. A header is a part of much, so that compiling for each of its mutants takes minutes, and this takes them once.
#   A line that is a statement:    if (mutant::is(7)) { a >= b; } else { a > b; }
#   What a name begins with:       int failures = (mutant::is(7) ? 1 : 0);
#   The condition of a block:      if (mutant::is(7) ? bool(a >= b) : bool(a > b)) {
# What the compiler itself evaluates is never changed by a switch, so who survives here has to be compiled by itself.
import re

from mutant_build import Build
from mutations import closing, code_of
from sources import ROOT, files, text

VARIABLE = "PRODUCTD_MUTANT"
HEADER = f"""#pragma once
#pragma clang diagnostic ignored "-Weverything"
#include <cstdlib>
namespace mutant {{
inline const int chosen = [] {{
    const char* told = std::getenv("{VARIABLE}");
    return told ? std::atoi(told) : 0;
}}();
constexpr bool is(int number) {{
    if consteval {{
        return false;
    }} else {{
        return number == chosen;
    }}
}}
}}  // namespace mutant
"""
# A type and a name, and what it begins with up to the end of the line.
NAME = r"^\s*(?!return\b|else\b)(?:const )?[\w:]+(?:<[^;=]*>)?[&*]? (?:\w+|\[[\w, ]+\])"
BEGINS = re.compile(NAME + r"(?: = |\{)")
PLAIN = re.compile(NAME + r"[;(]")
CONSTANT = re.compile(r"\bconstexpr\b")
BLOCK = re.compile(r"^\s*(?:\} else )?(?:if|while) \(")
LOOP = re.compile(r"^\s*for \(([^;]* = )([^;]*);")
BODY = re.compile(r"^\s*.*[\w)>] \{ (?=.*; \}$)")
REFUSED = re.compile(r"(src/[\w/]+\.hpp):(\d+):\d+: error:")


def either(number, after, before):
    return f"(mutant::is({number}) ? ({after}) : ({before}))"


def within(start, end, before, after):
    """The text of both from `start` to as far from the end as `end` is, if all that differs lies in it."""
    tail = len(before) - end
    if after[:start] != before[:start] or after[len(after) - tail :] != before[end:] or len(after) - tail < start:
        return None
    return before[start:end], after[start : len(after) - tail]


def is_statement(code):
    return (
        code.endswith(";")
        and code.count("(") == code.count(")")
        and code.count("{") == code.count("}")
        and not code.startswith(("#", "}", "using ", "friend "))
    )


def switched(number, line, after):
    """The line with both forms; nothing where it has none."""
    code = code_of(line)
    before, after = line[: len(code.rstrip())], after[: len(code_of(after).rstrip())]
    code = code.rstrip()
    begins, loop, body = BEGINS.match(code), LOOP.match(code), BODY.match(code)
    if body:
        parts = within(body.end(), len(code) - 2, before, after)
        return parts and (
            f"{before[: body.end()]}if (mutant::is({number})) {{ {parts[1]} }} else {{ {parts[0]} }} }}"
        )
    if CONSTANT.search(code) or PLAIN.match(code):
        return None
    if begins and code.endswith(";"):
        end = len(code) - (2 if code[begins.end() - 1] == "{" else 1)
        parts = within(begins.end(), end, before, after)
        return parts and before[: begins.end()] + either(number, parts[1], parts[0]) + before[end:]
    if loop and code.endswith("{"):
        parts = within(loop.start(2), loop.end(2), before, after)
        return parts and before[: loop.start(2)] + either(number, parts[1], parts[0]) + before[loop.end(2) :]
    block = BLOCK.match(code)
    if block and code.endswith("{"):
        end = closing(code, block.end())
        parts = within(block.end(), end, before, after)
        if not end or not parts or ";" in parts[0] or re.search(r"[^=!<>]=[^=]", code[block.end() : end]):
            return None
        return before[: block.end()] + either(number, f"bool({parts[1]})", f"bool({parts[0]})") + before[end:]
    if is_statement(code.strip()):
        return f"if (mutant::is({number})) {{ {after.strip()} }} else {{ {before.strip()} }}"
    return None


class Switched(Build):
    """A copy of the tree whose headers have all of these mutants that have a form for it, and its build."""

    def __init__(self, programs, mutants):
        super().__init__("mutants", programs, ROOT / "build/mutants-switched")
        self.forms = {}  # Mutant → its line.
        for number, mutant in enumerate(mutants, 1):
            form = switched(number, mutant.before, mutant.after)
            if form and not any(mutant.path == other.path and mutant.line == other.line for other in self.forms):
                self.forms[mutant] = (number, form)

    @property
    def mutants(self):
        return list(self.forms)

    def switch(self, mutant):
        """The environment that turns it on."""
        return {VARIABLE: str(self.forms[mutant][0])}

    def make(self):
        while True:
            self.write()
            wrong = super().make()
            refused = {(found[1], int(found[2]) - 1) for found in REFUSED.finditer(wrong)}
            uncompiled = [mutant for mutant in self.forms if (mutant.path, mutant.line) in refused]
            for mutant in uncompiled:
                del self.forms[mutant]
            if not uncompiled:
                return wrong

    def write(self):
        """The copy; only what differs is written, so that only that is compiled."""
        changed = {}
        for mutant, (_, form) in self.forms.items():
            lines = changed.setdefault(mutant.path, text(mutant.path).splitlines())
            lines[mutant.line - 1] = form
        wanted = {path: '#include "mutant_switch.hpp"\n' + "\n".join(lines) + "\n" for path, lines in changed.items()}
        wanted["src/mutant_switch.hpp"] = HEADER
        named = files()
        for there in [there for folder in ("src", "tests") for there in (self.root / folder).rglob("*.[ch]pp")]:
            if str(there.relative_to(self.root)) not in {*named, *wanted}:
                there.unlink()
        for path in {*named, *wanted}:
            there = self.root / path
            data = wanted[path].encode() if path in wanted else (ROOT / path).read_bytes()
            if not there.is_file() or there.read_bytes() != data:
                there.parent.mkdir(parents=True, exist_ok=True)
                there.write_bytes(data)
