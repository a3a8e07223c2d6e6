#!/usr/bin/python3
# What a package has beside the binary, made by asking the binary: manual pages, completions, the configuration under /etc.
# package_files.py --binary build/release/productd --output build/package/files
import argparse
import pathlib
import subprocess

import cli_help
import make_completion
import make_manual

DATA = "/var/lib/productd"


def said(binary, *arguments):
    # Its own defaults, whatever the environment of the build says.
    return subprocess.run([binary, *arguments], check=True, capture_output=True, text=True, env={}).stdout


def configuration(defaults):
    """The defaults with the folder of the package in them: one of a service that has no folder of its own is ./data."""
    found = '\n  Dir: "./data"\n'
    if defaults.count(found) != 1:
        raise ValueError("Data.Dir does not stand once in the defaults")
    return defaults.replace(found, f'\n  Dir: "{DATA}"\n')


def made(binary):
    """{name: text} of every file."""
    root = cli_help.read(binary)
    version = said(binary, "--version").split()[1]
    defaults = said(binary, "config", "--defaults")
    return {
        "productd.1": make_manual.command_page(root, version),
        "productd.yaml.5": make_manual.configuration_page(defaults, version),
        "productd.yaml": configuration(defaults),
        "bash/productd": make_completion.bash(root),
        "zsh/_productd": make_completion.zsh(root),
        "fish/productd.fish": make_completion.fish(root),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=lambda path: pathlib.Path(path).resolve(), required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    asked = parser.parse_args()
    for name, text in made(asked.binary).items():
        file = asked.output / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


if __name__ == "__main__":
    main()
