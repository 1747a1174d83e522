# Completion of stocktake for fish.
#
# For this shell:  stocktake completion fish | source
# For every shell: stocktake completion fish > ~/.config/fish/completions/stocktake.fish

function __stocktake_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l lines ($program __complete $words "$typed" 2>/dev/null)
    or return
    set -l how (string replace : '' -- $lines[-1])
    set -e lines[-1]
    if test (count $lines) -gt 0
        printf '%s\n' $lines
    else if test (math "floor($how / 4) % 2") -eq 0
        set -l start (string match -r -- '^-[^=]*=' "$typed")
        set -l paths (__fish_complete_path (string replace -- "$start" '' "$typed"))
        for path in $paths
            printf '%s\n' "$start$path"
        end
    end
end

complete -c stocktake -f -k -a '(__stocktake_complete)'
