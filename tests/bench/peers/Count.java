import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

/** The talk's count in Kafka Streams: Count A,B OUT memory|rocksdb RECORDS K=V... RECORDS: how many to
 * count before it ends; all: as many as there are; none: it runs until it is killed. */
public final class Count {
    public static void main(String[] args) throws Exception {
        Properties settings = Peer.settings(args, 4);
        List<String> topics = List.of(args[0].split(","));
        var supplier = args[2].equals("memory")
            ? Stores.inMemoryKeyValueStore("counts")
            : Stores.persistentKeyValueStore("counts");
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(topics, Consumed.with(Serdes.String(), Serdes.String()))
            .peek((key, value) -> Peer.one())
            .groupByKey(Grouped.with(Serdes.String(), Serdes.String()))
            .count(Materialized.<String, Long>as(supplier))
            .toStream()
            .to(args[1], Produced.with(Serdes.String(), Serdes.Long()));
        long records = switch (args[3]) {
            case "all" -> Peer.records(settings, topics);
            case "none" -> Long.MAX_VALUE;
            default -> Long.parseLong(args[3]);
        };
        Peer.run(builder.build(), settings, records);
    }
}
