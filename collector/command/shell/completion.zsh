#compdef stocktake
# Completion of stocktake for zsh.
#
# For this shell:  source <(stocktake completion zsh)
# For every shell: put that line into ~/.zshrc, below compinit, or
#                  stocktake completion zsh > "${fpath[1]}/_stocktake"

_stocktake() {
    local out line value text
    local -a lines values flags
    out=$("${${(Q)words[1]}/#\~/$HOME}" __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null) || return 1
    lines=("${(@f)out}")
    local -i how=${lines[-1]#:}
    for line in "${(@)lines[1,-2]}"; do
        value=${line%%$'\t'*} text=
        [[ $line == *$'\t'* ]] && text=${line#*$'\t'}
        values+=("${value//:/\\:}${text:+:$text}")
    done
    ((how & 2)) && flags=(-S '')
    if (($#values)); then
        _describe -V -t stocktake stocktake values "${(@)flags}"
    elif ! ((how & 4)); then
        [[ $PREFIX == -*=* ]] && compset -P '*='
        _files
    fi
}

(($+functions[compdef])) || { autoload -Uz compinit && compinit; }
if [[ ${funcstack[1]} == _stocktake ]]; then
    _stocktake "$@"
else
    compdef _stocktake stocktake
fi
