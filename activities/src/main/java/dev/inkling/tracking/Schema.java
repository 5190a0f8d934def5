package dev.inkling.tracking;

/** The tables, as the files of {@code dev/inkling/tracking/migration} make them. */
final class Schema {
  /** The newest of those files: what was built from others is built anew. */
  static final String VERSION = "1";

  private static final String LOCATION = "classpath:dev/inkling/tracking/migration";

  private Schema() {}

  /** Makes the tables where there are none. */
  static void create(Engine engine) {
    engine.flyway().locations(LOCATION).loggers("slf4j").load().migrate();
  }
}
