import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.Stores;

/** Table TOPIC RECORDS K=V...: a topic of Longs as Kafka Streams' builder.table() has it after so many
 * records: lines of KEY COUNT. */
public final class Table {
    public static void main(String[] args) throws Exception {
        Properties settings = new Properties();
        for (int i = 2; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        CountDownLatch left = new CountDownLatch(Integer.parseInt(args[1]));
        StreamsBuilder builder = new StreamsBuilder();
        builder.table(args[0], Consumed.with(Serdes.String(), Serdes.Long()),
                Materialized.<String, Long>as(Stores.inMemoryKeyValueStore("counts")).withCachingDisabled())
            .toStream()
            .foreach((key, count) -> left.countDown());
        try (KafkaStreams streams = new KafkaStreams(builder.build(), settings)) {
            streams.start();
            left.await();
            var query = StoreQueryParameters.fromNameAndType("counts", QueryableStoreTypes.<String, Long>keyValueStore());
            try (var all = streams.store(query).all()) {
                all.forEachRemaining(each -> System.out.println(each.key + " " + each.value));
            }
        }
    }
}
