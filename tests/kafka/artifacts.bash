# shellcheck shell=bash disable=SC2034,SC2154 # the broker script's variables
# What a broker is started from, made once and kept in $home: lib/ has Kafka's jars, tls/ a
# certificate for 127.0.0.1, format/ an empty data folder, classes.jsa a broker's classes as Java
# maps them.

# What a step makes gets its name when it is whole; two that fetch at once take turns.
fetch() {
    [ ! -e "$home/classes.jsa" ] || return 0
    mkdir -p "$home"
    (
        flock 9
        [ -e "$home/lib" ] || fetch_lib
        [ -e "$home/tls" ] || certify
        [ -e "$home/format" ] || format
        [ -e "$home/classes.jsa" ] || archive
    ) 9>"$home/lock"
    at_version "$version"
}

fetch_lib() {
    need mvn
    rm -rf "$home/lib.new"
    pom >"$home/pom.xml"
    mvn -q -B -C -Dstyle.color=never -f "$home/pom.xml" dependency:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$home/lib.new" >"$home/mvn.log" 2>&1 ||
        die 69 "Kafka $version: Maven could not get it: see $home/mvn.log"
    mv "$home/lib.new" "$home/lib"
}

pom() {
    cat <<END
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>kpipe.tests</groupId><artifactId>broker</artifactId><version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    $(dependency org.apache.kafka kafka_2.13 "$version")
    $(dependency org.apache.kafka kafka-tools "$version")
    $(dependency org.slf4j slf4j-simple 1.7.36)
  </dependencies>
  <build><plugins><plugin>
    <artifactId>maven-dependency-plugin</artifactId><version>3.8.1</version>
  </plugin></plugins></build>
</project>
END
}

# Kafka 3 brings a logger that wants a file of its own.
dependency() {
    local other='<exclusion><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId>'
    echo "<dependency><groupId>$1</groupId><artifactId>$2</artifactId><version>$3</version>" \
        "<exclusions>$other</exclusion></exclusions></dependency>"
}

certify() {
    local new=$home/tls.new
    local store=(-alias broker -keystore "$new/broker.p12" -storepass kpipe-secret)
    rm -rf "$new"
    mkdir "$new"
    {
        keytool -genkeypair "${store[@]}" -storetype PKCS12 -keyalg EC -dname CN=localhost \
            -validity 3650 -ext san=ip:127.0.0.1,dns:localhost -ext bc=ca:true &&
            keytool -exportcert -rfc "${store[@]}" -file "$new/ca.pem"
    } >"$home/tls.log" 2>&1 || die 69 "Kafka $version: no certificate: see $home/tls.log"
    mv "$new" "$home/tls"
}

# A formatted data folder, which start copies: the format tool takes a second.
format() {
    local new=$home/format.new scram='name=kpipe,password=kpipe-secret'
    rm -rf "$new"
    node=1 host=127.0.0.1 port=1 proxy=0 secure='' properties "$new" >"$home/format.properties"
    "${tool[@]}" kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAA \
        -c "$home/format.properties" --add-scram "SCRAM-SHA-256=[$scram]" \
        --add-scram "SCRAM-SHA-512=[$scram]" >"$home/format.log" 2>&1 ||
        die 69 "Kafka $version: data folder not formatted: see $home/format.log"
    mv "$new" "$home/format"
}

# The classes of a broker that ran once, laid out for the next: up in 1 s instead of 2.5 s.
archive() {
    dir=$home/train cluster='' node=1 host=127.0.0.1 proxy=0 secure='' caller=$$
    rm -rf "$dir"
    lay_out
    TRAIN=$home/classes.jsa.new launch || not_up
    stop
    rm -rf "$dir"
    mv "$home/classes.jsa.new" "$home/classes.jsa"
}
