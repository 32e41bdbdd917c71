# Completion for bash: kpipe's tools, their options as --help has them, the values that an option
# can have, the topics and groups of the brokers that the line, KPIPE_BROKERS or a profile name.
# Brokers that do not answer within a second (_kpipe_patience) are not waited for, and not asked
# again for a while.

# The rows of --help: "-t|--topic|TOPIC", "|--until|TO", "-e|--exit-at-end|".
_kpipe_options() {
    "$1" --help 2>/dev/null | sed -nE \
        's/^  (-(.), |    )--([a-z0-9-]+)( ([^ ]+))? +.*/-\2|--\3|\5/; T; s/^-\|/|/; p'
}

# What an option may be given, beside what has no list: numbers, times, names of headers.
_kpipe_values() { # _kpipe_values TOOL LONG
    case $1$2 in
    kcat-in--offset) echo beginning end ;;
    kcat-in--until) echo end ;;
    kcat-in--commit) echo written ;;
    kcat-in--on-reset) echo error earliest latest ;;
    kgrep--color) echo auto always never ;;
    kgrep--on) echo key value topic partition header: any ;;
    kgrep--into) echo key header: ;;
    kgrep--on-error) echo fail skip ;;
    ktr--on) echo value key header: ;;
    kcount--by) echo key value topic partition header: all ;;
    kcount--as) echo text be64 ;;
    kout--partition) echo key same ;;
    kout--compress) echo none gzip snappy lz4 zstd ;;
    kout--on-error) echo fail skip dlq: ;;
    esac
}

# The brokers that the line names, as far as its words are plain: nothing is expanded or run.
_kpipe_brokers() {
    local i word plain='^[A-Za-z0-9_.,:/=@~-]+$'
    edge=()
    for ((i = 1; i < ${#words[@]}; i++)); do
        [ "$i" -ne "$at" ] || continue
        word=${words[i]}
        case $word in
        -b | -F | -X | --brokers | --profile | --set)
            i=$((i + 1))
            [[ $i -ne $at && ${words[i]-} =~ $plain ]] || continue
            edge+=("$word" "${words[i]/#\~\//$HOME/}")
            ;;
        -[bFX]?* | --brokers=* | --profile=* | --set=*)
            [[ ! $word =~ $plain ]] || edge+=("$word")
            ;;
        esac
    done
}

# Replies with `topics` or `groups`; the same question within ten seconds has the same answer.
_kpipe_names() { # _kpipe_names WHAT [PREFIX]
    local edge
    _kpipe_brokers
    local asked="$1 ${KPIPE_BROKERS-} ${KPIPE_CONF-} ${edge[*]}"
    if [ "$asked" != "${_kpipe_asked-}" ] || [ "$SECONDS" -ge "${_kpipe_until-0}" ]; then
        _kpipe_answer=$(timeout "${_kpipe_patience-1}" kpipe-adm "${edge[@]}" --names "$1" \
            2>/dev/null </dev/null) || :
        _kpipe_asked=$asked _kpipe_until=$((SECONDS + 10))
    fi
    _kpipe_reply "$_kpipe_answer" "${2-}"
}

# Replies with those of the words that go on as `cur` begins; PREFIX is what stands before it.
_kpipe_reply() { # _kpipe_reply WORDS [PREFIX]
    local IFS=$' \n' word
    for word in $1; do
        [[ $word != "$cur"* ]] || COMPREPLY+=("${2-}$word")
    done
    [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *: ]] || compopt -o nospace
}

# An option's argument. PREFIX: the option, where its argument stands in the same word.
_kpipe_argument() { # _kpipe_argument TOOL ROW [PREFIX]
    local long=${2#*|} arg=${2##*|}
    long=${long%|*}
    case $arg in
    FILE | PROFILE) compopt -o default ;;
    TOPIC) _kpipe_names topics "${3-}" ;;
    GROUP | OTHER) _kpipe_names groups "${3-}" ;;
    *) _kpipe_reply "$(_kpipe_values "$1" "$long")" "${3-}" ;;
    esac
}

# The row of the option that `word` is and that awaits an argument; a bundle's last letter counts.
_kpipe_awaits() { # _kpipe_awaits WORD
    local row letter=
    [[ ! $1 =~ ^-[A-Za-z0-9]*([A-Za-z0-9])$ ]] || letter=-${BASH_REMATCH[1]}
    while IFS= read -r row; do
        if [[ -n ${row##*|} && ($row == "${letter:--}|"* || $row == *"|$1|"*) ]]; then
            echo "$row"
            return
        fi
    done <<<"$options"
}

# kpipe-adm's first operand is what to do: the words of its usage that are no options.
_kpipe_verbs() {
    kpipe-adm --help 2>/dev/null | sed -nE '/^  (-|    --)/q; s/^usage: //
        s/\[[^]]*\]//g; s/-[a-zA-Z-]+ [A-Z]+//g; s/kpipe-adm//; p' | grep -oE '\b[a-z]+\b' | sort -u
}

# What the words before `cur` come to: the row of the option that awaits it, the first operand, and
# whether "--" has ended the options.
_kpipe_before() {
    local i
    row='' verb='' ended=
    for ((i = 1; i < at; i++)); do
        if [ -n "$row" ]; then
            row=
        elif [[ -z $ended && ${words[i]} == -- ]]; then
            ended=1
        elif [[ -z $ended && ${words[i]} == -?* ]]; then
            row=$(_kpipe_awaits "${words[i]}")
        else
            : "${verb:=${words[i]}}"
        fi
    done
}

_kpipe_operand() { # _kpipe_operand TOOL
    case $1,$verb in
    kout,) [ -z "$ended" ] || mapfile -t COMPREPLY < <(compgen -c -- "$cur" | sort -u) ;;
    kout,*) compopt -o default ;;
    kcat-in,*) compopt -o default ;;
    kpipe-adm,) _kpipe_reply "$(_kpipe_verbs)" ;;
    kpipe-adm,topics | kpipe-adm,lag) _kpipe_names topics ;;
    kpipe-adm,reset) _kpipe_reply 'beginning end' ;;
    esac
}

# The line's words: what stands together is one, though readline cuts it at each = and colon.
_kpipe_words() {
    local i word rest=$COMP_LINE bare
    words=() at=0
    for ((i = 0; i < ${#COMP_WORDS[@]}; i++)); do
        word=${COMP_WORDS[i]}
        bare=${rest#"${rest%%[![:blank:]]*}"}
        if [[ $i -gt 1 && $bare == "$rest" && ${words[-1]}$word == *[=:]* ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        rest=${bare#"$word"}
        [ "$i" -ne "$COMP_CWORD" ] || at=$((${#words[@]} - 1))
    done
    cur=${words[at]}
}

_kpipe() {
    local tool=${1##*/} words at cur options row verb ended letter
    COMPREPLY=()
    _kpipe_words
    options=$(_kpipe_options "$1")
    _kpipe_before
    if [[ ${words[at - 1]} == *[\<\>] ]]; then
        compopt -o default
    elif [ -n "$row" ]; then
        _kpipe_argument "$tool" "$row"
    elif [[ -n $ended || $cur != -* ]]; then
        _kpipe_operand "$tool"
    elif [[ $cur == --*=* ]]; then
        row=$(_kpipe_awaits "${cur%%=*}") cur=${cur#*=}
        [ -z "$row" ] || _kpipe_argument "$tool" "$row"
    elif [[ $cur == -[!-]?* ]]; then
        letter=${cur:0:2} cur=${cur:2}
        row=$(_kpipe_awaits "$letter")
        [ -z "$row" ] || _kpipe_argument "$tool" "$row" "$letter"
    else
        _kpipe_reply "$(cut -d '|' -f 1,2 --output-delimiter=$'\n' <<<"$options" | sort -u)"
    fi
}

complete -F _kpipe kcat-in kgrep ktr kcount kout kdev kpipe-adm kpipe-loop
