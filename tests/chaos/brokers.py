"""brokers.py BROKERS --cluster DIR [--kills N] [--seed N] [--exactly-once] [--dir DIR]:
as kill.py, but for who is killed: the two pipelines are on two hosts of tests/kafka/cluster (DIR), and
the brokers are killed, while a barrier is on its way: who coordinates the group, or the transactions,
or leads most of the output. Each is back after 3 s; the next one dies when all replicas are in sync
and both hosts go on. For a process on the cluster's hub."""
import os
import signal
import time

import kill
from broker import TRANSACTIONS, KafkaError
from hosts import ONE, TWO, cluster, on
from pipeline import ACKED
from scene import until

AWAY, ALIVE = 3.0, 40.0  # seconds
PATIENT_MS = 10000
KINDS = ["group", "output", "transactions"]
INTERNAL = ["__consumer_offsets", "__transaction_state"]


class Driver(kill.Driver):
    rate = 1500

    def __init__(self, words, folder):
        super().__init__(words, folder)
        self.kinds = KINDS if words.exactly_once else KINDS[:2]

    def placed(self, name, stages):
        """On host one they bear with a broker's death, on two a session is over before it is noticed."""
        if name == ONE:
            stages[0] += ["-X", f"session.timeout.ms={PATIENT_MS}"]
        return on(self.words.cluster, TWO if name == TWO else ONE, stages)

    def who(self, kind):
        """The broker of that kind."""
        if kind == "group":
            return self.broker.coordinator(self.group)
        if kind == "transactions":
            name = f"kpipe/{self.group}/{self.group}-{ONE}"
            return self.broker.coordinator(name, TRANSACTIONS)
        leaders = self.broker.leaders(self.output)
        return max(leaders, key=lambda each: len(leaders[each]))

    def kill(self, lines):
        """Of the kinds, and then of the brokers, the one that was killed least."""
        which = {kind: self.who(kind).name for kind in self.kinds}
        least = lambda kind: (self.by_stage[kind], self.by_stage[which[kind]], self.dice.random())
        kind = min(self.kinds, key=least)
        broker, line = which[kind], self.dice.choice(lines)
        with open(f"{self.words.cluster}/{broker[-1]}/pid") as file:
            process = int(file.read())
        until(line.in_flight, 2)
        phase = line.phase()
        os.kill(process, signal.SIGKILL)
        self.by_stage.update([broker, *(kind for kind in which if which[kind] == broker)])
        self.by_phase[phase] += 1
        time.sleep(AWAY)
        cluster(self.words.cluster, "restart", broker[-1])

    def well(self):
        try:
            return all(self.broker.in_sync(topic) for topic in [*self.sources, self.output, *INTERNAL])
        except (OSError, KafkaError):
            return False

    def goes_on(self, lines):
        """Do all pipelines get acks? One that is started again has its first."""
        before = [line.slot(ACKED) for line in lines]
        moved = lambda: all(line.slot(ACKED) not in (0, was) for line, was in zip(lines, before))
        return until(moved, ALIVE)

    def campaign(self, lines):
        for number in range(self.words.kills + 1):
            if not until(self.well, ALIVE):
                self.trouble.append(f"replicas are missing after {number} kills")
                return number
            if not self.goes_on(lines):
                self.trouble.append(f"a pipeline does not go on after {number} kills")
                return number
            if number < self.words.kills:
                self.kill(lines)
        return number

    def missing(self):
        return set(self.kinds) - set(self.by_stage)


if __name__ == "__main__":
    kill.main(Driver, "--cluster")
