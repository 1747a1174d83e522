# Completion of stocktake for bash 3.2 and newer.
#
# For this shell:       source <(stocktake completion bash)
# For every shell:      put that line into ~/.bashrc
# With bash-completion: stocktake completion bash > ~/.local/share/bash-completion/completions/stocktake

_stocktake() {
    # bash parts words at = and : too. Put them together as they were typed.
    local line=${COMP_LINE:0:COMP_POINT} words=() gap word i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        gap=${line%%[![:space:]]*}
        line=${line#"$gap"}
        word=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || word=$line
        line=${line#"$word"}
        if [[ -n $gap || $i -eq 0 ]]; then
            words+=("$word")
        else
            words[${#words[@]} - 1]+=$word
        fi
    done

    local out
    out=$("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null) || return
    local how=${out##*:} typed=${words[${#words[@]} - 1]} value
    out=${out%:*}

    # What stands before the last = or : is there already.
    local there=
    [[ $COMP_WORDBREAKS == *=* && $typed == *=* ]] && there=${typed%"${typed##*=}"}
    [[ $COMP_WORDBREAKS == *:* && $typed == *:* ]] && there=${typed%"${typed##*[=:]}"}

    COMPREPLY=()
    while IFS=$'\t' read -r value _; do
        [[ -z $value ]] || COMPREPLY+=("$(printf %q "${value#"$there"}")")
    done <<<"$out"
    ((how & 2)) && compopt -o nospace 2>/dev/null
    ((how & 4)) && compopt +o default +o bashdefault 2>/dev/null
    return 0
}

complete -o default -o bashdefault -F _stocktake stocktake
