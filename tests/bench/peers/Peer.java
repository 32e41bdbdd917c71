import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;

/** What the Java peers share: their settings, how many records there are, and when they are done. */
final class Peer {
    private static final CountDownLatch DONE = new CountDownLatch(1);
    private static final AtomicLong LEFT = new AtomicLong();
    private static volatile boolean begun;

    /** K=V from word {@code first} on. */
    static Properties settings(String[] args, int first) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", System.getenv("KPIPE_BROKERS"));
        for (int i = first; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        return settings;
    }

    /** Records from the beginning of the topics to where they end now. */
    static long records(Properties settings, Collection<String> topics) throws Exception {
        Properties broker = new Properties();
        broker.put("bootstrap.servers", settings.get("bootstrap.servers"));
        try (Admin admin = Admin.create(broker)) {
            Map<TopicPartition, OffsetSpec> all = new HashMap<>();
            for (var topic : admin.describeTopics(topics).allTopicNames().get().values()) {
                for (var partition : topic.partitions()) {
                    all.put(new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest());
                }
            }
            long sum = 0;
            for (var end : admin.listOffsets(all).all().get().values()) {
                sum += end.offset();
            }
            return sum;
        }
    }

    /** The first record is here: its second since the command began goes to the file PACE_START, or
     * without one a line to standard output. */
    static void start() {
        String file = System.getenv("PACE_START");
        if (file == null) {
            System.out.println("first");
            return;
        }
        try {
            double began = Double.parseDouble(System.getenv("PACE_BEGAN"));
            double now = System.currentTimeMillis() / 1000.0;
            Files.writeString(Path.of(file), (now - began) + "\n");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A record was processed. */
    static void one() {
        if (!begun) {
            begun = true;
            start();
        }
        if (LEFT.decrementAndGet() == 0) {
            DONE.countDown();
        }
    }

    /** Runs until {@code records} are through, then commits and ends. */
    static void run(Topology topology, Properties settings, long records) throws Exception {
        LEFT.set(records);
        KafkaStreams streams = new KafkaStreams(topology, settings);
        streams.setUncaughtExceptionHandler(e -> {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        streams.start();
        DONE.await();
        if (!streams.close(Duration.ofSeconds(60))) {
            throw new IllegalStateException("not closed");
        }
    }
}
