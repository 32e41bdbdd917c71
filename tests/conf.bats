# Which brokers, and how to speak to them: -b, -F, -X, the environment, kpipe.conf(5).
load helper

setup() {
    work
    export HOME=$PWD/home XDG_CONFIG_HOME=
    unset KPIPE_CONF KPIPE_BROKERS CREDENTIALS_DIRECTORY
    mkdir -p home/.config
}

teardown() {
    [ -z "${kdev:-}" ] || kill "$kdev" 2>/dev/null || :
}

# profile [PROPERTY-LINE]... : a file with one profile, p
profile() {
    printf 'default: p\nprofiles:\n  p:\n    brokers: 127.0.0.1:1\n'
    [ $# -eq 0 ] || printf '    properties:\n'
    [ $# -eq 0 ] || printf '      %s\n' "$@"
}

# Nothing has to be reached to see whether a configuration is taken: what comes after it is refused.
taken() { # taken ARG...
    status 64 kcat-in -t t "$@" -X not.there=1 && says 'not.there: no property of librdkafka'
}

refused() { # refused STATUS TEXT ARG... : by both ends
    local want=$1 text=$2
    shift 2
    status "$want" kcat-in -t t "$@" && says "$text" &&
        status "$want" kout -t t "$@" </dev/null && says "$text"
}

# used BROKERS ARG... : these brokers are taken. That they refuse shows after 2 s, so that it goes on
# beside what follows; all_used waits for it.
used() {
    local want=$1
    shift
    (status 69 kcat-in -t t -e "$@" && says "brokers $want: cannot be reached") 3>&- &
    using+=($!)
}

all_used() {
    local pid
    [ "${#using[@]}" -gt 0 ]
    for pid in "${using[@]}"; do
        wait "$pid"
    done
    using=()
}

# --- where it is looked for

# bats test_tags=slow
@test "brokers: -b, then KPIPE_BROKERS, then the profile's" {
    profile >p.yaml
    export KPIPE_CONF=p.yaml
    used 127.0.0.1:1
    export KPIPE_BROKERS=127.0.0.1:2
    used 127.0.0.1:2
    used 127.0.0.1:2 -F p
    used 127.0.0.1:3 -b 127.0.0.1:3
    used 127.0.0.1:3 -b 127.0.0.1:3 -F p
    all_used
}

@test "none named: 78 and how to try" {
    refused 78 'no brokers: -b HOST:PORT, KPIPE_BROKERS or a profile; to try: kdev & export KPIPE_BROKERS=127.0.0.1:19092'
    echo 'profiles: {p: {brokers: a}}' >home/.config/kpipe.yaml
    refused 78 'no brokers: ' # no default, none chosen
}

# bats test_tags=slow
@test "a profile by name, from KPIPE_CONF, else ~/.config, else XDG_CONFIG_HOME" {
    mkdir xdg
    for n in 1 2 3; do echo "profiles: {p: {brokers: '127.0.0.1:$n'}}"; done >three
    sed -n 1p three >conf
    sed -n 2p three >home/.config/kpipe.yaml
    sed -n 3p three >xdg/kpipe.yaml
    used 127.0.0.1:2 -F p
    XDG_CONFIG_HOME=$PWD/xdg used 127.0.0.1:3 -F p
    XDG_CONFIG_HOME=xdg used 127.0.0.1:2 -F p # a relative one counts for nothing
    KPIPE_CONF=conf used 127.0.0.1:1 -F p
    KPIPE_CONF=missing refused 78 'missing: cannot be opened' -F p
    all_used
}

@test "a profile that is not there: 78 and those that are" {
    refused 78 '-F p: there is no configuration' -F p
    echo 'profiles: {dev: {}, prod: {}}' >home/.config/kpipe.yaml
    refused 78 'kpipe.yaml: has no profile p: one of: dev, prod' -F p
    : >p
    refused 78 'a file is -F ./FILE' -F p
    refused 78 'p.yaml: cannot be opened: No such file' -F ./p.yaml
}

@test "a file by -F: its default, or its only profile" {
    profile >p.yaml
    taken -F ./p.yaml
    echo 'profiles: {q: {brokers: a}}' >q.yaml
    taken -F ./q.yaml
    echo 'profiles: {q: {brokers: a}, r: {brokers: b}}' >r.yaml
    refused 78 './r.yaml: which profile? give it a default, or KPIPE_CONF=./r.yaml -F NAME: q, r' \
        -F ./r.yaml
    KPIPE_CONF=r.yaml taken -F r
}

# bats test_tags=slow
@test "a default profile stands aside where others' brokers are named, one that was asked for does not" {
    profile 'security.protocol: nonsense' >p.yaml
    export KPIPE_CONF=p.yaml
    refused 78 'p.yaml:6:7: security.protocol: '
    used 127.0.0.1:2 -b 127.0.0.1:2
    refused 78 'p.yaml:6:7: security.protocol: ' -b 127.0.0.1:2 -F p
    KPIPE_BROKERS=127.0.0.1:2 refused 78 'KPIPE_BROKERS stands over the brokers of -F p' -F p
    all_used
    sed -i /brokers/d p.yaml
    refused 78 'p.yaml:5:7: security.protocol: ' -b 127.0.0.1:2
}

@test "-b, -F and -X without -t: which topic?" {
    local word
    for word in '-b a' '-F p' '-X a=b'; do
        # shellcheck disable=SC2086
        status 64 kcat-in $word
        says 'which topic? -t TOPIC'
        # shellcheck disable=SC2086
        status 64 kout $word </dev/null
        says 'which topic? -t TOPIC'
        # shellcheck disable=SC2086
        status 64 kout $word -- cat </dev/null
        says 'which topic? -t TOPIC'
    done
}

@test "a file that is not there may be a topic where a profile is" {
    status 66 kcat-in orders
    run ! says 'to read a topic'
    profile >home/.config/kpipe.yaml
    status 66 kcat-in orders
    says 'to read a topic: -t NAME'
}

@test "text needs no configuration, and looks at none" {
    echo nonsense >home/.config/kpipe.yaml
    same hi "$(echo hi | kcat-in | kout)"
}

# bats test_tags=slow
@test "records go through a profile, with what belongs to either end alone" {
    mkfifo ready
    kdev -p 0 -t lines:1 >ready 3>&- &
    kdev=$!
    read -r _ setting <ready
    profile 'linger.ms: 5' 'fetch.wait.max.ms: 10' >p.yaml
    sed -i "s/127.0.0.1:1\$/${setting##*=}/" p.yaml
    echo hello | kcat-in | kout -F ./p.yaml -t lines 2>err
    same hello "$(kcat-in -F ./p.yaml -t lines -e 2>>err | kout)"
    same '' "$(cat err)"
}

# --- what is refused

@test "-X: what could run code, and what promises rest on: 64" {
    local word
    export KPIPE_BROKERS=127.0.0.1:1
    for word in plugin.library.paths=/tmp/x.so ssl.engine.location=/tmp/x.so ssl.providers=x \
        sasl.kerberos.kinit.cmd=id sasl.oauthbearer.token.endpoint.url=http://a \
        enable.auto.commit=true group.id=g transactional.id=t enable.idempotence=false acks=0 \
        topic.acks=0 auto.offset.reset=earliest bootstrap.servers=a \
        partition.assignment.strategy=sticky; do
        refused 64 "-X ${word%%=*}: " -X "$word"
    done
    status 64 kcat-in -t t -g g -X isolation.level=read_uncommitted --commit written
    says '-X isolation.level: '
    taken -X isolation.level=read_uncommitted
    refused 64 '-X: want NAME=VALUE' -X security.protocol
    refused 64 '-X security.protocol: ' -X security.protocol=x
}

@test "a file: the same, 78 and the place" {
    profile 'linger.ms: 5' 'plugin.library.paths: /tmp/x.so' >p.yaml
    refused 78 './p.yaml:7:7: plugin.library.paths: could run code' -F ./p.yaml
    profile 'acks: 1' >p.yaml
    refused 78 './p.yaml:6:7: acks: ' -F ./p.yaml
    profile 'not.there: 1' >p.yaml
    refused 78 './p.yaml:6:7: not.there: no property of librdkafka' -F ./p.yaml
    profile 'isolation.level: read_uncommitted' >p.yaml
    taken -F ./p.yaml
    status 78 kcat-in -t t -g g -F ./p.yaml --commit written
}

# bats test_tags=slow
@test "nothing of what could run code is opened or run" {
    local word
    export ASAN_OPTIONS=detect_leaks=0 # not under strace
    printf '#include <unistd.h>\n__attribute__((constructor)) static void f(void) {_exit(3);}\n' |
        cc -shared -fPIC -x c -o x.so -
    for word in plugin.library.paths=./x.so ssl.engine.location=./x.so \
        'sasl.kerberos.kinit.cmd=touch ran'; do
        strace -f -qq -e trace=execve,openat -o trace kcat-in -b 127.0.0.1:1 -t t \
            -X security.protocol=sasl_plaintext -X "$word" >/dev/null 2>&1 || :
        same 1 "$(grep -c execve trace)"
        run ! grep 'openat.*x\.so' trace
    done
    status 69 strace -f -qq -e trace=execve -o trace kcat-in -b 127.0.0.1:1 -t t \
        -X security.protocol=sasl_plaintext -X sasl.mechanism=GSSAPI
    same 1 "$(grep -c execve trace)" # no kinit by default either
}

@test "TLS can be weakened for one run, which is told, and not in a file" {
    local word
    for word in enable.ssl.certificate.verification=false \
        ssl.endpoint.identification.algorithm=none; do
        taken -b a -X "$word"
        says "-X ${word%=*}: "
        profile "${word%=*}: ${word#*=}" >p.yaml
        refused 78 "./p.yaml:6:7: ${word%=*}: " -F ./p.yaml
        says 'for one run: -X'
    done
    profile 'security.protocol: sasl_plaintext' 'sasl.mechanism: PLAIN' >p.yaml
    refused 78 './p.yaml:6:7: security.protocol: the password goes over the wire' -F ./p.yaml
    taken -F ./p.yaml -X security.protocol=sasl_ssl
    taken -F ./p.yaml -X security.protocol=sasl_plaintext
    says '-X security.protocol: the password goes over the wire'
}

@test "a broken file: 78 and its place, never a value" {
    printf 'default: p\nprofiles:\n  p:\n    sasl.password: canary\n' >p.yaml
    chmod 600 p.yaml
    refused 78 './p.yaml:4:5: sasl.password: unknown' -F ./p.yaml
    printf 'profiles:\n  p: {brokers: a, properties: {sasl.password: canary, acks}}\n' >p.yaml
    refused 78 './p.yaml:2:' -F ./p.yaml
    run ! says canary
    head -c 70000 /dev/zero | tr '\0' '#' >p.yaml
    refused 78 './p.yaml: is larger than 64 KiB' -F ./p.yaml
    head -c 100 /dev/zero >p.yaml
    refused 78 './p.yaml: has a NUL byte' -F ./p.yaml
}

# --- who may have written and who may read

@test "a file that others can write to, or of others, or none: 78" {
    profile >p.yaml
    local mode
    for mode in 600 644 400 444 640; do
        chmod $mode p.yaml
        taken -F ./p.yaml
    done
    for mode in 620 602 666 664; do
        chmod $mode p.yaml
        refused 78 './p.yaml: others may write to it: chmod go-w it' -F ./p.yaml
    done
    mkdir dir
    refused 78 './dir: is not a regular file' -F ./dir
    mkfifo fifo
    status 78 timeout 20 kcat-in -t t -F ./fifo
    says './fifo: is not a regular file'
    refused 78 '/dev/null: is not a regular file' -F /dev/null
    chmod 600 p.yaml
    ln -s p.yaml link
    taken -F ./link # what counts is where it leads
    ln -s /dev/null null
    refused 78 './null: is not a regular file' -F ./null
    [ "$(id -u)" -eq 0 ] || skip 'not root: no file of others'
    chown nobody p.yaml
    refused 78 './p.yaml: belongs to user' -F ./p.yaml
    refused 78 './link: belongs to user' -F ./link
}

@test "a secret in the file itself: others must not read it" {
    profile 'sasl.username: u' 'sasl.password: canary' >p.yaml
    chmod 600 p.yaml
    taken -F ./p.yaml
    chmod 604 p.yaml
    refused 78 './p.yaml:7:7: sasl.password: is a secret, and others may read this file' -F ./p.yaml
    run ! says canary
    chmod 640 p.yaml
    if [ "$(id -u)" -eq 0 ]; then
        taken -F ./p.yaml # root lends by the group
    else
        refused 78 'is a secret, and others may read this file' -F ./p.yaml
    fi
    profile 'sasl.username: u' 'ssl.ca.pem: canary' >p.yaml # no secret
    chmod 644 p.yaml
    taken -F ./p.yaml
}

@test "a secret in a file of its own: where it leads, who may read it" {
    mkdir conf cred
    profile 'sasl.password: "@./pw"' >conf/p.yaml
    refused 78 'conf/./pw: cannot be opened: No such file' -F conf/p.yaml
    echo canary >conf/pw
    chmod 604 conf/pw
    refused 78 'conf/./pw: is a secret, and others may read it: chmod 600 it' -F conf/p.yaml
    chmod 600 conf/pw
    taken -F conf/p.yaml
    : >conf/pw
    refused 78 'conf/./pw: is empty: put the value of sasl.password into it' -F conf/p.yaml
    profile 'sasl.password: "@name"' >conf/p.yaml
    refused 78 'conf/p.yaml:6:7: sasl.password: @NAME is a credential' -F conf/p.yaml
    echo canary >cred/name
    chmod 400 cred/name
    CREDENTIALS_DIRECTORY=$PWD/cred taken -F conf/p.yaml
    CREDENTIALS_DIRECTORY=$PWD/cred taken -b a -X sasl.password=@name
    profile 'sasl.password: "@~/pw"' >conf/p.yaml
    refused 78 "$HOME/pw: cannot be opened" -F conf/p.yaml
    refused 64 '-X sasl.password: @ alone' -b a -X sasl.password=@
    profile 'ssl.ca.location: ca.pem' >conf/p.yaml
    refused 78 'conf/p.yaml:6:7: ssl.ca.location: conf/ca.pem: No such file' -F conf/p.yaml
    refused 64 '-X ssl.ca.location: ca.pem: No such file' -b a -X ssl.ca.location=ca.pem
    : >conf/ca.pem
    taken -F conf/p.yaml
    chmod 644 conf/ca.pem
    refused 78 'conf/ca.pem: is a secret' -b a -X ssl.key.location=conf/ca.pem
}

@test "-X of a secret: 64, and how to do it" {
    local word
    for word in sasl.password ssl.key.password ssl.keystore.password ssl.key.pem; do
        refused 64 "-X $word=@./FILE" -b a -X $word=canary
        run ! says canary
    done
}

@test "the library's words never have the value of a secret or of a file" {
    echo canary >value
    chmod 600 value
    taken -b a -X sasl.password=@./value
    local word
    for word in security.protocol debug linger.ms ssl.key.pem ssl.ca.pem; do
        kcat-in -b 127.0.0.1:1 -t t -X security.protocol=ssl -X $word=@./value >out 2>err && false
        case $? in 64 | 78) ;; *) false ;; esac
        run ! grep -a canary out err
    done
}

# --- kcat's file

# bats test_tags=slow
@test "kcat's file is answered with the YAML that says the same" {
    printf 'bootstrap.servers=127.0.0.1:1\nlinger.ms=5\nsasl.password=canary\ngroup.id=g\n' >kcat.conf
    refused 78 './kcat.conf: has lines of NAME=VALUE' -F ./kcat.conf
    run ! says canary
    KPIPE_CONF=kcat.conf refused 78 'kcat.conf: has lines of NAME=VALUE'
    grep -v '^kcat-in\|^kout' <<<"$stderr" >p.yaml
    refused 78 "$HOME/.config/sasl.password: cannot be opened" -F ./p.yaml
    echo canary >home/.config/sasl.password
    chmod 600 home/.config/sasl.password
    used 127.0.0.1:1 -F ./p.yaml
    all_used
}
