"""Several brokers, as one: who leads what is asked each time, and whoever answers is asked."""
from broker import GROUPS, METADATA, Broker, KafkaError, array, string

FIND_COORDINATOR = 10


class Node(Broker):
    name = ""

    def ask(self, key, version, body):
        """A connection of before its death is not its answer."""
        if self.socket:
            try:
                return super().ask(key, version, body)
            except ConnectionError:
                pass
        return super().ask(key, version, body)


class Cluster(Broker):
    replicas = 3

    def __init__(self, brokers, seconds=5):
        super().__init__(brokers, seconds)
        self.nodes = {place: Node(place, seconds) for place in brokers.split(",")}
        for number, node in enumerate(self.nodes.values(), 1):
            node.name = f"broker-{number}"

    def ask(self, key, version, body):
        """Of whoever answers."""
        for node in list(self.nodes.values()):
            try:
                return node.ask(key, version, body)
            except OSError as error:
                last = error
        raise last

    def close(self):
        for node in self.nodes.values():
            node.close()

    def look(self, topic):
        """[(partition, its leader, how many replicas are in sync)]"""
        answer = self.ask(METADATA, 4, array([string(topic)]) + b"\0")
        answer.take("i")
        places = dict(answer.array(lambda: self.node(answer)))
        answer.string(), answer.take("i"), answer.take("i")
        if error := answer.take("h"):
            raise KafkaError(f"{topic}: error {error}")
        answer.string(), answer.take("b")
        found = []
        for _ in range(answer.take("i")):
            error, partition, leader = (answer.take(form) for form in "hii")
            answer.array(lambda: answer.take("i"))
            in_sync = len(answer.array(lambda: answer.take("i")))
            if leader not in places:
                raise KafkaError(f"{topic}/{partition}: nobody leads it")
            found.append((partition, places[leader], in_sync))
        return found

    def node(self, answer):
        number, host, port = answer.take("i"), answer.string(), answer.take("i")
        answer.string()
        return number, self.nodes[f"{host}:{port}"]

    def leaders(self, topic):
        found = {}
        for partition, leader, _ in self.look(topic):
            found.setdefault(leader, []).append(partition)
        return found

    def leader(self, topic, partition):
        return {which: leader for which, leader, _ in self.look(topic)}[partition]

    def in_sync(self, topic):
        """Has each of its partitions all its replicas?"""
        return all(count == self.replicas for _, _, count in self.look(topic))

    def coordinator(self, name, kind=GROUPS):
        answer = self.ask(FIND_COORDINATOR, 1, string(name) + bytes([kind]))
        answer.take("i")
        if error := answer.take("h"):
            raise KafkaError(f"{name}: nobody coordinates it: error {error}")
        answer.string()
        return self.node_at(answer)

    def node_at(self, answer):
        answer.take("i")
        return self.nodes[f"{answer.string()}:{answer.take('i')}"]


def reach(brokers):
    """A broker, or a cluster: HOST:PORT, or several of them."""
    return Cluster(brokers) if "," in brokers else Broker(brokers)
