# Completion of hproute for fish.

function __hproute_words --description 'What has been said, without options and their values'
    set -l skip no
    for word in (commandline -opc)[2..]
        if test $skip = yes
            set skip no
        else if contains -- $word --server -s --timeout --wait --confirm --on --format --answers --report --channels
            set skip yes
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

function __hproute_is --description 'Whether the command is one of these, and what it takes has not been said'
    # COUNT COMMAND...: so many words behind the command; any for '*'
    set -l words (__hproute_words)
    set -q words[1]; or return 1
    contains -- $words[1] $argv[2..]; or return 1
    test $argv[1] = '*'; or test (count $words) -eq (math $argv[1] + 1)
end

function __hproute_begins --description 'Whether no command has been said'
    test (count (__hproute_words)) -eq 0
end

function __hproute_is_enable
    set -l words (__hproute_words)
    test (count $words) -eq 2; and test "$words" = 'autostart enable'
end

function __hproute_profiles --description 'Profiles and what they are; files where the word holds a slash'
    set -l current (commandline -ct)
    if string match -q -- '*/*' $current
        __fish_complete_suffix .profile
    else
        hproute __complete profiles 2>/dev/null
    end
end

complete -c hproute -f
complete -c hproute -s s -l server -x -d 'Talk to this sound server, as in PULSE_SERVER'
complete -c hproute -l timeout -x -d 'How long any one answer or effect may take'
complete -c hproute -s j -l json -d 'Print one JSON object instead of text'
complete -c hproute -s q -l quiet -d 'Print nothing but errors'
complete -c hproute -l no-color -d 'Print without colour'
complete -c hproute -s h -l help -d 'Show help'
complete -c hproute -n __hproute_begins -s V -l version -d 'Show the version'

complete -c hproute -n __hproute_begins -a apply -d 'Apply a profile, completely or not at all'
complete -c hproute -n __hproute_begins -a revert -d 'Put everything back as it was'
complete -c hproute -n __hproute_begins -a status -d 'What is applied, and what has changed since'
complete -c hproute -n __hproute_begins -a plan -d 'What applying a profile would do'
complete -c hproute -n __hproute_begins -a list -d 'The profiles there are'
complete -c hproute -n __hproute_begins -a devices -d 'Cards, outputs and inputs'
complete -c hproute -n __hproute_begins -a streams -d 'What plays and records, and where'
complete -c hproute -n __hproute_begins -a levels -d 'How loud each channel is'
complete -c hproute -n __hproute_begins -a check -d 'What is wrong with profiles'
complete -c hproute -n __hproute_begins -a show -d 'Print a profile'
complete -c hproute -n __hproute_begins -a doctor -d 'Why there is no sound'
complete -c hproute -n __hproute_begins -a test -d 'A quiet tone that listens to itself'
complete -c hproute -n __hproute_begins -a toggle -d 'Apply a profile, or revert it'
complete -c hproute -n __hproute_begins -a setup -d 'Make a profile by answering questions'
complete -c hproute -n __hproute_begins -a save -d 'Write the present state as a profile'
complete -c hproute -n __hproute_begins -a edit -d 'Open a profile in your editor'
complete -c hproute -n __hproute_begins -a cycle -d 'Switch to the next profile in the list'
complete -c hproute -n __hproute_begins -a monitor -d 'Hear yourself, or not'
complete -c hproute -n __hproute_begins -a volume -d 'Show the volume, or change it'
complete -c hproute -n __hproute_begins -a mute -d 'Mute an output or input'
complete -c hproute -n __hproute_begins -a dim -d '20 dB quieter, and back'
complete -c hproute -n __hproute_begins -a mono -d 'Left and right together, and apart'
complete -c hproute -n __hproute_begins -a run -d 'Apply a profile for as long as a command runs'
complete -c hproute -n __hproute_begins -a watch -d 'Keep running, and apply profiles as devices come and go'
complete -c hproute -n __hproute_begins -a autostart -d 'Apply profiles automatically from login'
complete -c hproute -n __hproute_begins -a help -d 'Show help for a command'

complete -c hproute -n '__hproute_is 0 apply plan show edit doctor test toggle run' -k -a '(__hproute_profiles)'
complete -c hproute -n "__hproute_is '*' check cycle watch" -k -a '(__hproute_profiles)'
complete -c hproute -n "__hproute_is '*' apply" -l dry-run -d 'Print what would be done'
complete -c hproute -n "__hproute_is '*' apply" -l wait -x -d 'Wait for server and devices'
complete -c hproute -n "__hproute_is '*' apply" -l confirm -x -d 'Go back unless somebody says yes'
complete -c hproute -n "__hproute_is '*' apply plan toggle run" -l on -x -d 'Which of several devices'
complete -c hproute -n "__hproute_is '*' status" -l format -x -a 'line waybar' -d 'Print one line, for a status bar'
complete -c hproute -n "__hproute_is '*' setup" -l answers -r -F -d 'Take the answers from a file'
complete -c hproute -n "__hproute_is '*' test" -l channels -x -d 'Which channels of an output'
complete -c hproute -n "__hproute_is '*' doctor" -l report -r -F -d 'Also write what a bug report needs'
complete -c hproute -n "__hproute_is '*' save" -l force -d 'Replace it if it is there'
complete -c hproute -n "__hproute_is '*' revert" -l forget -d 'Put nothing back, and forget it'
complete -c hproute -n "__hproute_is '*' streams" -l remembered -d 'Show what the server remembers as well'
complete -c hproute -n "__hproute_is '*' streams" -l forget -x -a '(hproute __complete programs 2>/dev/null)' -d 'Forget where a program begins'
complete -c hproute -n "__hproute_is '*' levels" -l plain -d 'Print one line a second'
complete -c hproute -n "__hproute_is '*' levels" -a 'output input (hproute __complete labels 2>/dev/null)'
complete -c hproute -n '__hproute_is 0 volume mute' -a 'output input (hproute __complete labels 2>/dev/null)'
complete -c hproute -n '__hproute_is 0 mute dim mono' -a 'on off toggle'
complete -c hproute -n '__hproute_is 1 mute' -a 'on off toggle'
complete -c hproute -n "__hproute_is '*' volume" -a reference -d 'What the profile says'
complete -c hproute -n "__hproute_is '*' watch" -l no-notify -d 'Show nothing on the desktop'
complete -c hproute -n '__hproute_is 0 monitor' -a on -d 'Hear yourself'
complete -c hproute -n '__hproute_is 0 monitor' -a off -d 'Do not hear yourself'
complete -c hproute -n '__hproute_is 0 monitor' -a toggle -d 'The other of both'
complete -c hproute -n '__hproute_is 1 monitor' -a '(hproute __complete monitors 2>/dev/null)'
complete -c hproute -n '__hproute_is 0 autostart' -a enable -d 'Begin at login'
complete -c hproute -n '__hproute_is 0 autostart' -a disable -d 'Undo what enable did'
complete -c hproute -n '__hproute_is 0 autostart' -a status -d 'Whether it is enabled'
complete -c hproute -n __hproute_is_enable -k -a '(__hproute_profiles)'
complete -c hproute -n '__hproute_is 0 help' -a 'apply revert status plan list devices streams levels check show setup save edit doctor test toggle cycle volume mute dim mono monitor run watch autostart'
