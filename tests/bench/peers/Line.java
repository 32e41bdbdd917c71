import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;

/** The talk's line in Kafka Streams: Line IN OUT PATTERN K=V... */
public final class Line {
    public static void main(String[] args) throws Exception {
        Properties settings = Peer.settings(args, 3);
        String pattern = args[2];
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(args[0], Consumed.with(Serdes.String(), Serdes.String()))
            .peek((key, value) -> Peer.one())
            .filter((key, value) -> value.contains(pattern))
            .mapValues(value -> value.toUpperCase(Locale.ROOT))
            .to(args[1], Produced.with(Serdes.String(), Serdes.String()));
        Peer.run(builder.build(), settings, Peer.records(settings, List.of(args[0])));
    }
}
