# lines.awk - text to measure with: awk -v n=LINES -v kind=log|sales -f lines.awk
#
# log: mostly distinct lines, a tenth of them with "ksql", a key before a tab. sales: 100,000 distinct
# lines, a few of them very often. About 80 bytes a line. The same bytes from every awk: the random
# numbers are our own (Lehmer, 16807 modulo 2^31 - 1, exact in a double).
function random() {
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647
}

function log_line(i, user) {
    printf "user%06d\t2026-11-22T%02d:%02d:%02d %s %s request %d served in %d ms by node%d\n", user,
        int(i / 3600) % 24, int(i / 60) % 60, i % 60, level[1 + int(random() * 4)],
        word[1 + int(random() * 10)], user * 7, random() * 50, user % 10
}

function sales_line(user) {
    printf "2026-11-22 INFO shop/checkout user%06d bought article %d in branch %03d of region %d\n",
        user, user * 7 % 10000, user % 500, user % 13
}

BEGIN {
    seed = 7
    split("ERROR WARN INFO DEBUG", level, " ")
    split("ksql kafka streams connect broker client table topic log mail", word, " ")
    for (i = 0; i < n; i++) {
        u = random()
        user = int(100000 * u * u * u)
        if (kind == "log")
            log_line(i, user)
        else
            sales_line(user)
    }
}
