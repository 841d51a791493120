# Completion of hproute for bash. Nothing but bash is needed.

_hproute_candidates() { # KIND: the names, without what they are
    "${COMP_WORDS[0]}" __complete "$1" 2>/dev/null | cut -f 1
}

_hproute_profiles() { # CURRENT: names of profiles, or files where the word holds a slash
    if [[ $1 == */* || $1 == '~'* ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$1"; compgen -f -X '!*.profile' -- "$1")
    else
        mapfile -t COMPREPLY < <(compgen -W "$(_hproute_candidates profiles)" -- "$1")
    fi
}

_hproute_programs() { # CURRENT: programs that play or record, whose names may hold blanks
    local name
    while read -r name; do
        [[ $name == "${1//\\/}"* ]] && COMPREPLY+=("$(printf %q "$name")")
    done < <(_hproute_candidates programs)
}

_hproute() {
    local current=${COMP_WORDS[COMP_CWORD]#=} words
    local common='--server --timeout --json --quiet --no-color --help'
    local commands='apply revert status plan list devices streams levels check show setup save edit doctor test toggle cycle volume mute dim mono monitor run watch autostart help'
    local command='' options='' index arguments=0
    COMPREPLY=()

    # Bash takes words apart at ':' and '=', which addresses have. With a mark behind it what is being typed is a word as
    # well, though nothing of it may be there yet.
    read -ra words <<<"${COMP_LINE:0:COMP_POINT}|"
    # What takes a value, and what has been said so far.
    case "${words[-2]} ${words[-1]}" in
    --server\ * | --timeout\ * | --wait\ * | --confirm\ * | --on\ * | --channels\ * | *\ --server=* | *\ --timeout=* | *\ --wait=* | *\ --confirm=* | *\ --on=*) return ;;
    --forget\ * | *\ --forget=*) [[ ${words[*]} != *' streams '* ]] || { _hproute_programs "$current"; return; } ;;
    --answers\ * | *\ --answers=* | --report\ * | *\ --report=*) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
    --format\ * | *\ --format=*) COMPREPLY=($(compgen -W 'line waybar' -- "$current")); return ;;
    esac
    for ((index = 1; index < ${#words[@]} - 1; index++)); do
        case ${words[index]} in
        --server | -s | --timeout | --wait | --confirm | --on | --format | --answers | --report | --channels) ((index++)) ;;
        -*) ;;
        *) if [[ -z $command ]]; then command=${words[index]}; else ((arguments++)); fi ;;
        esac
    done

    case $command in
    '') options='--version' ;;
    apply) options='--dry-run --wait --confirm --on' ;;
    plan | toggle | run) options='--on' ;;
    status) options='--format' ;;
    streams) options='--remembered --forget' ;;
    levels) options='--plain' ;;
    watch) options='--no-notify' ;;
    save) options='--force' ;;
    setup) options='--answers' ;;
    doctor) options='--report' ;;
    test) options='--channels' ;;
    revert) options='--forget' ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$common $options" -- "$current"))
        return
    fi
    case $command in
    '') COMPREPLY=($(compgen -W "$commands" -- "$current")) ;;
    help) ((arguments == 0)) && COMPREPLY=($(compgen -W "${commands% help}" -- "$current")) ;;
    run)
        if [[ ${words[*]} == *' -- '* ]]; then mapfile -t COMPREPLY < <(compgen -c -- "$current"; compgen -f -- "$current")
        elif ((arguments == 0)); then _hproute_profiles "$current"
        else COMPREPLY=(--); fi
        ;;
    apply | plan | show | edit | doctor | test | toggle) ((arguments == 0)) && _hproute_profiles "$current" ;;
    check | cycle | watch) _hproute_profiles "$current" ;;
    volume)
        if ((arguments == 0)); then mapfile -t COMPREPLY < <(compgen -W "output input reference $(_hproute_candidates labels)" -- "$current")
        else COMPREPLY=($(compgen -W reference -- "$current")); fi
        ;;
    mute)
        if ((arguments == 0)); then mapfile -t COMPREPLY < <(compgen -W "on off toggle output input $(_hproute_candidates labels)" -- "$current")
        else COMPREPLY=($(compgen -W 'on off toggle' -- "$current")); fi
        ;;
    dim | mono) ((arguments == 0)) && COMPREPLY=($(compgen -W 'on off toggle' -- "$current")) ;;
    levels) mapfile -t COMPREPLY < <(compgen -W "output input $(_hproute_candidates labels)" -- "$current") ;;
    monitor)
        case $arguments in
        0) COMPREPLY=($(compgen -W 'on off toggle' -- "$current")) ;;
        1) mapfile -t COMPREPLY < <(compgen -W "$(_hproute_candidates monitors)" -- "$current") ;;
        esac
        ;;
    autostart)
        if ((arguments == 0)); then
            COMPREPLY=($(compgen -W 'enable disable status' -- "$current"))
        elif ((arguments == 1)) && [[ ${words[*]} == *' enable '* ]]; then
            _hproute_profiles "$current"
        fi
        ;;
    esac
}

complete -F _hproute hproute
