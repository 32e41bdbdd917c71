# Logins through a profile, on a broker that wants TLS and a password.
bats_require_minimum_version 1.5.0
load helper

setup_file() {
    broker=$BATS_TEST_DIRNAME/../kafka/broker
    export broker
    eval "$("$broker" start -s -p $$ "$BATS_FILE_TMPDIR/kafka" 3>&-)"
    export BROKERS SASL_BROKERS SASL_CA
    topic in:2 out:1
    seq 100 | kcat-in | kout -b "$BROKERS" -t in
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    export HOME=$PWD XDG_CONFIG_HOME=
    unset KPIPE_BROKERS KPIPE_CONF
    echo kpipe-secret >right
    echo canary-5d1 >wrong
    chmod 600 right wrong
    profile PLAIN >p.yaml
}

profile() { # profile MECHANISM
    cat <<END
default: test
profiles:
  test:
    brokers: $SASL_BROKERS
    properties:
      security.protocol: SASL_SSL
      ssl.ca.location: $SASL_CA
      sasl.mechanism: $1
      sasl.username: kpipe
      sasl.password: "@./right"
END
}

count() { # count ARG... : the records of topic in
    kcat-in -F ./p.yaml -t in -e "$@" | kout | wc -l
}

one_line() {
    same 1 "$(lines_of "$stderr")" || {
        printf 'err: %s\n' "$stderr"
        return 1
    }
}

told() { # told STATUS TEXT ARG... : by both ends, in one line
    local want=$1 text=$2
    shift 2
    status "$want" timeout 30 bash -c 'kcat-in -F ./p.yaml -t in -e "$@" | kout' - "$@"
    one_line
    says "$text"
    status "$want" timeout 30 bash -c 'kcat-in </dev/null | kout -F ./p.yaml -t out "$@"' - "$@"
    one_line
    says "$text"
}

@test "PLAIN over TLS, the password in a file" {
    same 100 "$(count)"
    same 100 "$(count -g plain)"
    kcat-in -F ./p.yaml -t in -e | kgrep 7 | kout -F ./p.yaml -t out
    same "$(seq 100 | grep 7 | sort)" "$(kcat-in -F ./p.yaml -t out -e | kout | sort)"
}

# librdkafka before 2.6.1 and Kafka 4 do not agree on SCRAM.
@test "SCRAM over TLS: it works, or the client is named" {
    local size client
    client=$(kcat-in --version | sed 's/.*librdkafka \([0-9.]*\).*/\1/')
    for size in 256 512; do
        profile SCRAM-SHA-$size >p.yaml
        case ${KAFKA_VERSION:-4.3.1} in
        4.*)
            if [ "$(printf '2.6.1\n%s\n' "$client" | sort -V | head -1)" != 2.6.1 ]; then
                told 77 "SCRAM on Kafka 4 needs librdkafka 2.6.1, and this is $client"
                continue
            fi
            ;;
        esac
        same 100 "$(count)"
    done
}

@test "SCRAM over TLS works with the newest client" {
    local size
    LD_LIBRARY_PATH=$("$BATS_TEST_DIRNAME/../kafka/newest-client" 3>&-)
    export LD_LIBRARY_PATH
    for size in 256 512; do
        profile SCRAM-SHA-$size >p.yaml
        same 100 "$(count)"
        told 77 'check user' -X sasl.password=@./wrong
    done
}

@test "a wrong password: 77 and what to check" {
    told 77 'check user, password and mechanism' -X sasl.password=@./wrong
    told 77 'check user, password and mechanism' -X sasl.username=nobody
    status 77 timeout 30 bash -c \
        'kcat-in -F ./p.yaml -t in -g wrong -X sasl.password=@./wrong | kout >>got'
}

@test "a broker that is not the one meant: 78 and what to check" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=other \
        -keyout key.pem -out other.pem 2>/dev/null
    told 78 'check ssl.ca.location and the broker' -X ssl.ca.location=./other.pem
    # 127.1 is 127.0.0.1 too, but the certificate does not say so.
    told 78 'check ssl.ca.location and the broker' -b "127.1:${SASL_BROKERS#*:}"
    same 100 "$(count -b "localhost:${SASL_BROKERS#*:}")"
    same 100 "$(count -b "127.1:${SASL_BROKERS#*:}" -X ssl.endpoint.identification.algorithm=none)"
}

@test "plain words to a TLS port, TLS to a plain one: the reason" {
    told 69 'it hung up at once: is security.protocol what it wants?' -b "$BROKERS"
    sed -i '/sasl/d; s/SASL_SSL/SSL/' p.yaml
    told 69 'it hung up at once: is security.protocol what it wants?'
    sed -i '/properties/,$d' p.yaml
    told 69 'it hung up at once: is security.protocol what it wants?'
}

@test "the password is in no argument, no environment and no word" {
    local pids pid
    echo kpipe-secret >canary
    setsid bash -c 'kcat-in -F ./p.yaml -t in -g canary -X debug=all 2>>err | kgrep . 2>>err |
        kout -- sh -c "wc -l >>got; exec sleep 60" 2>>err' 3>&- &
    pid=$!
    kcat-in -F ./p.yaml -t in -e -X debug=all 2>>err |
        kout -F ./p.yaml -t out -X debug=all 2>>err
    wait_for 20 test -s got
    pids=$(pgrep -s "$pid")
    [ "$(wc -l <<<"$pids")" -ge 5 ] # the shell, three stages and the command
    for pid in $pids; do
        run ! grep -qaFf canary "/proc/$pid/cmdline" "/proc/$pid/environ"
    done
    xargs kill -KILL <<<"$pids"
    [ "$(wc -c <err)" -gt 10000 ]
    run ! grep -aFf canary err
}
