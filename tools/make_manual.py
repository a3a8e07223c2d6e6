# Manual pages: productd(1) of what --help says, productd.yaml(5) of what `productd config --defaults` says.
import re

COMMAND_FILES = """.SH FILES
.TP
.I /etc/productd/productd.yaml
The configuration of the service that Debian's package installs; see
.BR productd.yaml (5).
.TP
.I /var/lib/productd
What that service stores: its event log, its products, the certificate it has made.
.SH SEE ALSO
.BR productd.yaml (5),
.BR systemctl (1),
.BR journalctl (1)
"""


def escaped(text):
    """Text as roff shows it: no character of it is a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return "\n".join(f"\\&{line}" if line.startswith(".") else line for line in text.split("\n"))


def title(name, section, version, manual):
    return f'.TH {name} {section} "" "productd {version}" "{manual}"\n'


def footer(text):
    """The last part of a --help: its sentences as a paragraph, its examples as they are typed."""
    examples = [line.removeprefix("Example: ") for line in text.split("\n") if line.startswith("Example: ")]
    prose = " ".join(line for line in text.split("\n") if line and not line.startswith("Example: "))
    page = f".PP\n{escaped(prose)}\n" if prose else ""
    if examples:
        page += ".PP\nExample:\n.PP\n.EX\n" + "".join(f"    {escaped(example)}\n" for example in examples) + ".EE\n"
    return page


def arguments(command):
    page = ""
    for name, about in command.positionals:
        page += f".TP\n.I {escaped(name)}\n{escaped(about)}\n"
    for option in command.options:
        names = ", ".join(f"\\fB{escaped(name)}\\fR" for name in option.names)
        type_ = f" \\fI{escaped(option.type)}\\fR" if option.type else ""
        page += f".TP\n{names}{type_}\n{escaped(option.about)}\n"
    return page


def command_page(root, version):
    """productd(1), of the tree that cli_help.read gives."""
    name, _, what = root.about.partition(", ")
    page = title("PRODUCTD", 1, version, "User Commands")
    page += f".SH NAME\n{name} \\- {escaped(what.rstrip('.'))}\n"
    page += f".SH SYNOPSIS\n.B productd\n{escaped(root.usage.removeprefix('productd '))}\n"
    page += ".SH OPTIONS\n" + arguments(root)
    page += ".SH COMMANDS\n"
    for command in root.all():
        if command is root:
            continue
        page += f".SS {escaped(command.usage)}\n{escaped(command.about)}.\n" + arguments(command) + footer(command.footer)
    return page + ".SH NOTES\n" + footer(root.footer) + COMMAND_FILES


def settings(text):
    """(section, key, default, comment) of each line of the configuration that sets something; key "" is a section."""
    section, about = "", []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            about = []
        elif comment := re.fullmatch(r" *# ?(.*)", line):
            about.append(comment[1])
        elif head := re.fullmatch(r"(\w+):", line):
            section = head[1]
            yield section, "", "", " ".join(about)
            about = []
        elif value := re.fullmatch(r"( *)(\w+): (.+)", line):
            yield (section if value[1] else ""), value[2], value[3], " ".join(about)
            about = []
        else:
            raise ValueError(f"line {number} of the configuration is neither a comment nor a setting: {line}")


def configuration_page(defaults, version):
    """productd.yaml(5), of what `productd config --defaults` prints."""
    head, _, _ = defaults.partition("\n\n")
    intro = [line.removeprefix("#").strip() for line in head.split("\n")]
    page = title("PRODUCTD.YAML", 5, version, "File Formats")
    page += ".SH NAME\nproductd.yaml \\- configuration of the products service\n.SH DESCRIPTION\n"
    page += "".join(f"{escaped(line)}\n" if line else ".PP\n" for line in intro[1:])
    page += ".SH SETTINGS\n"
    for section, key, default, about in settings(defaults):
        if not key:
            page += f".SS {escaped(section)}\n{escaped(about)}\n"
            continue
        path = f"{section}.{key}" if section else key
        page += f".TP\n\\fB{escaped(path)}\\fR: {escaped(default)}\n{escaped(about)}\n"
    return page + ".SH SEE ALSO\n.BR productd (1)\n"
