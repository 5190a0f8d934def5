package dev.inkling.artifact;

import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** What every store promises, of one in a bucket, on one machine. */
class S3StoreContractTest extends StoreContract {
  private static BucketServer server;

  @BeforeAll
  static void start() throws Exception {
    server = new BucketServer();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void empty() {
    server.empty();
  }

  @Override
  Store store(Clock clock, Sightings seen) {
    return new S3Store(server.connection(), home, clock, Map.of("inkling", "test"), seen);
  }
}
