import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The talk's loop, written by hand: Loop filter|count A,B OUT PATTERN INTERVAL-MS [c.K=V|p.K=V]...
 * c. are the consumer's settings, p. the producer's; with p.transactional.id it is exactly once. The
 * count's map is in memory only, and all of it is sent each interval, as in the talk. */
public final class Loop {
    private final KafkaConsumer<String, String> consumer;
    private final KafkaProducer<String, Object> producer;
    private final boolean counting, exactly;
    private final String out, pattern;
    private final Map<String, Long> counts = new HashMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> places = new HashMap<>();

    private Loop(String[] args) {
        Properties reading = new Properties(), writing = new Properties();
        reading.put("enable.auto.commit", "false");
        reading.put("auto.offset.reset", "earliest");
        for (Properties one : List.of(reading, writing)) {
            one.put("bootstrap.servers", System.getenv("KPIPE_BROKERS"));
        }
        for (int i = 5; i < args.length; i++) {
            String[] pair = args[i].substring(2).split("=", 2);
            (args[i].startsWith("c.") ? reading : writing).put(pair[0], pair[1]);
        }
        counting = args[0].equals("count");
        exactly = writing.containsKey("transactional.id");
        if (exactly) {
            reading.put("isolation.level", "read_committed");
        }
        out = args[2];
        pattern = args[3];
        writing.put("key.serializer", StringSerializer.class.getName());
        writing.put("value.serializer", (counting ? LongSerializer.class : StringSerializer.class).getName());
        consumer = new KafkaConsumer<>(reading, new StringDeserializer(), new StringDeserializer());
        producer = new KafkaProducer<>(writing);
    }

    private void take(ConsumerRecord<String, String> record) {
        places.put(new TopicPartition(record.topic(), record.partition()),
            new OffsetAndMetadata(record.offset() + 1));
        if (counting) {
            counts.merge(record.key(), 1L, Long::sum);
        } else if (record.value().contains(pattern)) {
            producer.send(new ProducerRecord<>(out, record.key(),
                record.value().toUpperCase(Locale.ROOT)));
        }
    }

    private void commit() {
        counts.forEach((key, count) -> producer.send(new ProducerRecord<>(out, key, count)));
        if (exactly) {
            producer.sendOffsetsToTransaction(places, consumer.groupMetadata());
            producer.commitTransaction();
            producer.beginTransaction();
        } else {
            producer.flush();
            consumer.commitSync(places);
        }
        places.clear();
    }

    private void run(List<String> topics, long left, long interval) {
        consumer.subscribe(topics);
        if (exactly) {
            producer.initTransactions();
            producer.beginTransaction();
        }
        boolean begun = false;
        long due = System.currentTimeMillis() + interval;
        while (left > 0) {
            for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                if (!begun) {
                    begun = true;
                    Peer.start();
                }
                take(record);
                left--;
            }
            if (left == 0 || System.currentTimeMillis() >= due) {
                commit();
                due = System.currentTimeMillis() + interval;
            }
        }
        if (exactly) {
            producer.abortTransaction();
        }
        producer.close();
        consumer.close();
    }

    public static void main(String[] args) throws Exception {
        List<String> topics = List.of(args[1].split(","));
        long records = Peer.records(Peer.settings(args, args.length), topics);
        new Loop(args).run(topics, records, Long.parseLong(args[4]));
    }
}
