# completion.zsh FOLDER LINE...: what zsh's completion offers at the end of each LINE, with the
# functions in FOLDER, a candidate a line, an empty line behind each. A real zsh at a terminal; the
# folder where it runs gets a .zshrc.
zmodload zsh/zpty
cat >.zshrc <<E2
PS1= PS2= LISTMAX=10000
unset zle_bracketed_paste
fpath=(${(q)1} \$fpath)
autoload -Uz compinit
compinit -u -d $PWD/dump
compadd() {
    local -a hits
    if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
        builtin compadd "\$@"
        return
    fi
    builtin compadd -A hits "\$@"
    ((\$#hits == 0)) || print -l -- \$hits >>offers
    builtin compadd "\$@"
}
offer() {
    zle complete-word
    print >>offers
    zle kill-buffer
    print done
}
zle -N offer
bindkey '^I' offer
print ready
E2
zpty shell "ZDOTDIR=$PWD TERM=dumb zsh -d -i"
zpty -r shell seen '*ready*'
for line in "${@[2,-1]}"; do
    zpty -w -n shell "$line"$'\t'
    zpty -r shell seen '*done*'
done
zpty -d shell
cat offers
