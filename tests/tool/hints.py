"""hints.py TOOL FILE.c [WORD...]: every row of the tool's table of foreign letters gives its hint,
in two lines, with 64, downstream too; and the table has a row for each WORD."""
import ast
import re
import subprocess
import sys

import records

tool, file, *wanted = sys.argv[1:]
with open(file, encoding="utf-8") as source:
    table = re.search(r"opt_hint hints\[\] = \{(.*?)\{NULL, NULL\}\};", source.read(), re.S)[1]
string = r'"(?:[^"\\]|\\.)*"'
rows = {
    ast.literal_eval(word): "".join(map(ast.literal_eval, re.findall(string, say)))
    for word, say in re.findall(rf"\{{({string}),\s*((?:{string}\s*)+)\}}", table)
}
wrong = [f"no row for {word}" for word in wanted if word not in rows]
if len(rows) != table.count("{"):
    wrong.append(f"{len(rows)} rows read of {table.count('{')}")
for word, say in rows.items():
    run = subprocess.run([tool, word], stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
    line = f"{word}: unknown option: {say}"
    abort = records.abort(64, tool.encode(), line.encode())
    told = run.stderr.decode().split("\n")
    if run.returncode != 64 or told[0] != f"{tool}: {line}" or len(told) != 3:
        wrong.append(f"{word}: status {run.returncode}, {told}")
    elif not told[1].startswith(f"usage: {tool} "):
        wrong.append(f"{word}: no usage: {told[1]}")
    elif tool != "kout" and not run.stdout.endswith(abort):
        wrong.append(f"{word}: no ABORT downstream")
print(*wrong, sep="\n")
sys.exit(bool(wrong))
