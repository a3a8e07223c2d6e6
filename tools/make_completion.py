# Completions for bash, zsh and fish, of the tree that cli_help.read gives. Each finds the command of the words so far, and
# offers what that takes.

BASH = """# Completion of productd for bash, made of what --help says.
_productd() {{
    local word command=productd current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD - 1}}"; do
        case "$command $word" in
            {commands}) command+=" $word" ;;
        esac
    done
    COMPREPLY=()
    case "$command $before" in
{values}
    esac
    case "$command" in
{words}
    esac
}}
complete -F _productd productd
"""

ZSH = """#compdef productd
# Completion of productd for zsh, made of what --help says.
_productd() {{
    local word command=productd
    local -i depth=1
    for word in "${{(@)words[2,CURRENT-1]}}"; do
        case "$command $word" in
            ({commands}) command+=" $word"; depth+=1 ;;
        esac
    done
    words=("${{(@)words[depth,-1]}}")
    CURRENT=$((CURRENT - depth + 1))
    local -a below
    case "$command" in
{cases}
    esac
}}
_productd "$@"
"""

FISH = """# Completion of productd for fish, made of what --help says.
function __productd_at
    set -l command productd
    for word in (commandline -opc)[2..-1]
        switch "$command $word"
            case {commands}
                set command "$command $word"
        end
    end
    test "$command" = "$argv"
end
complete -c productd -f
{lines}
"""


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def name(command):
    return " ".join(command.path)


def sub_commands(root):
    return [quoted(name(command)) for command in root.all() if command is not root]


def bash(root):
    values, words = [], []
    for command in root.all():
        for option in command.options:
            if not option.type:
                continue
            kinds = {"FILE": "-f", "FOLDER": "-d"}
            reply = f'mapfile -t COMPREPLY < <(compgen {kinds[option.type]} -- "$current"); ' if option.type in kinds else ""
            patterns = "|".join(quoted(f"{name(command)} {flag}") for flag in option.names)
            values.append(f"        {patterns}) {reply}return ;;")
        offered = [below.path[-1] for below in command.commands] + [flag for o in command.options for flag in o.names]
        words.append(f'        {quoted(name(command))}) mapfile -t COMPREPLY < <(compgen -W "{" ".join(offered)}" -- "$current") ;;')
    return BASH.format(commands="|".join(sub_commands(root)), values="\n".join(values), words="\n".join(words))


def zsh_about(text):
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def zsh_option(option):
    value = f":{option.type}:" + {"FILE": "_files", "FOLDER": "_files -/"}.get(option.type, "") if option.type else ""
    return [quoted(f"*{flag}[{zsh_about(option.about)}]{value}") for flag in option.names]


def zsh(root):
    cases = []
    for command in root.all():
        options = " ".join(spec for option in command.options for spec in zsh_option(option))
        cases.append(f"        ({quoted(name(command))})")
        below = " ".join(quoted(f"{one.path[-1]}:{zsh_about(one.about)}") for one in command.commands)
        if below:
            cases.append(f"            below=({below})")
            cases.append("            [[ $words[CURRENT] == -* ]] || _describe command below")
        cases.append(f"            _arguments {options} ;;")
    return ZSH.format(commands="|".join(sub_commands(root)), cases="\n".join(cases))


def fish_quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish(root):
    lines = []
    for command in root.all():
        where = f"complete -c productd -n {fish_quoted('__productd_at ' + name(command))}"
        lines += [f"{where} -a {one.path[-1]} -d {fish_quoted(one.about)}" for one in command.commands]
        for option in command.options:
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.names)
            value = {"": "", "FILE": " -r -F", "FOLDER": " -x -a '(__fish_complete_directories)'"}.get(option.type, " -x")
            lines.append(f"{where} {flags}{value} -d {fish_quoted(option.about)}")
    return FISH.format(commands=" ".join(fish_quoted(" ".join(c.path)) for c in root.all() if c is not root), lines="\n".join(lines))
