# The command line as a tree, read from what `productd --help` and every command's --help say. Manual page and completions
# are made of it, so that neither can lack a flag.
import dataclasses
import re
import subprocess

HEADINGS = ("Positionals:", "Options:", "Subcommands:")
COLUMN = 30  # Where CLI11 begins the right one.
# What it writes behind a flag's type.
NOTES = re.compile(r"\s+(REQUIRED|\.\.\.|(Excludes|Needs): .*)$")


@dataclasses.dataclass
class Option:
    names: list[str]  # -k, --key
    type: str  # KEY; empty: a switch.
    about: str

    def shown(self):
        return ", ".join(self.names) + (f" {self.type}" if self.type else "")


@dataclasses.dataclass
class Command:
    path: list[str]  # ["productd", "dlq", "list"]
    about: str
    usage: str
    positionals: list[tuple[str, str]]
    options: list[Option]
    commands: list["Command"]
    footer: str

    def all(self):
        """This command and every one below it, in the order of the help."""
        yield self
        for command in self.commands:
            yield from command.all()


def entries(lines):
    """(left column, right column) of each entry of a section. A left one that is too wide has its right one in the next line."""
    found = []
    for index, line in enumerate(lines):
        if not line[:COLUMN].strip():
            found[-1] = (found[-1][0], line.strip())
        elif lines[index + 1 : index + 2] and not lines[index + 1][:COLUMN].strip():
            found.append((line.strip(), ""))
        else:
            found.append((line[:COLUMN].strip(), line[COLUMN:].strip()))
    return found


def option_of(left, about):
    names, _, type_ = NOTES.sub("", left).partition(" ")
    return Option(names.split(","), type_, about)


def parse(path, text):
    """One command of what its --help says; without those below it."""
    about, usage, *rest = text.split("\n")
    sections = {heading: [] for heading in HEADINGS}
    footer, heading = [], None
    for line in rest:
        if line in HEADINGS:
            heading = line
        elif heading and line.startswith("  ") and not footer:
            sections[heading].append(line)
        elif line.strip() or footer:
            heading, _ = None, footer.append(line)
    return Command(
        path,
        about,
        usage.removeprefix("Usage: "),
        [(NOTES.sub("", left).split()[0], about_) for left, about_ in entries(sections["Positionals:"])],
        [option_of(left, about_) for left, about_ in entries(sections["Options:"])],
        [left for left, _ in entries(sections["Subcommands:"])],
        "\n".join(footer).strip(),
    )


def read(binary, path=("productd",)):
    """The command `path` of the program `binary`, with all below it; runs it once for each."""
    said = subprocess.run([binary, *path[1:], "--help"], check=True, capture_output=True, text=True).stdout
    command = parse(list(path), said)
    command.commands = [read(binary, (*path, name)) for name in command.commands]
    return command
