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

_hproute() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local common='--server --timeout --json --quiet --no-color --help'
    local commands='apply revert status plan list devices streams check show save doctor test toggle cycle monitor watch autostart help'
    local command='' options='' index arguments=0
    COMPREPLY=()

    # What takes a value, and what has been said so far.
    case $previous in
    --server | --timeout | --wait | --confirm) return ;;
    --format) COMPREPLY=($(compgen -W 'waybar' -- "$current")); return ;;
    esac
    for ((index = 1; index < COMP_CWORD; index++)); do
        case ${COMP_WORDS[index]} in
        --server | --timeout | --wait | --confirm | --format) ((index++)) ;;
        -*) ;;
        *) if [[ -z $command ]]; then command=${COMP_WORDS[index]}; else ((arguments++)); fi ;;
        esac
    done

    case $command in
    '') options='--version' ;;
    apply) options='--dry-run --wait --confirm' ;;
    status) options='--format' ;;
    watch) options='--no-notify' ;;
    save) options='--force' ;;
    revert) options='--forget' ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$common $options" -- "$current"))
        return
    fi
    case $command in
    '') COMPREPLY=($(compgen -W "$commands" -- "$current")) ;;
    help) ((arguments == 0)) && COMPREPLY=($(compgen -W "${commands% help}" -- "$current")) ;;
    apply | plan | show | doctor | test | toggle) ((arguments == 0)) && _hproute_profiles "$current" ;;
    check | cycle | watch) _hproute_profiles "$current" ;;
    monitor)
        case $arguments in
        0) COMPREPLY=($(compgen -W 'on off toggle' -- "$current")) ;;
        1) mapfile -t COMPREPLY < <(compgen -W "$(_hproute_candidates monitors)" -- "$current") ;;
        esac
        ;;
    autostart)
        if ((arguments == 0)); then
            COMPREPLY=($(compgen -W 'enable disable status' -- "$current"))
        elif ((arguments == 1)) && [[ ${COMP_WORDS[*]} == *' enable '* ]]; then
            _hproute_profiles "$current"
        fi
        ;;
    esac
}

complete -F _hproute hproute
