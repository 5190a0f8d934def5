package dev.inkling.worker;

import dev.inkling.artifact.BucketConnection;
import dev.inkling.artifact.BucketPlace;
import dev.inkling.artifact.InklingHome;
import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.S3Store;
import dev.inkling.artifact.Store;
import dev.inkling.artifact.Versions;
import dev.inkling.language.LanguageModels;
import dev.inkling.model.hosted.Credentials;
import dev.inkling.model.hub.HubSettings;
import dev.inkling.plan.Keys;
import dev.inkling.tensor.Torch;
import dev.inkling.tracking.Tracking;
import dev.inkling.tracking.TrackingDatabase;
import dev.inkling.tracking.TrackingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where Inkling keeps everything on this machine.
 *
 * @param directory INKLING_HOME, by default {@code ~/.inkling}
 * @param checkpointEvery how often training saves its work, INKLING_CHECKPOINT_SECONDS, by default
 *     10 s
 * @param shared INKLING_STORE: the directory or the bucket that several machines share, by default
 *     none, and artifacts lie in the directory
 */
public record Home(Path directory, Duration checkpointEvery, Optional<String> shared) {

  /** As the environment says. */
  public static Home of(Map<String, String> environment) {
    // 10 s: a crash costs little, and a checkpoint of a small ensemble costs milliseconds.
    String seconds = environment.getOrDefault("INKLING_CHECKPOINT_SECONDS", "10");
    if (!seconds.matches("[0-9]+(\\.[0-9]+)?")) {
      throw new IllegalArgumentException(
          "INKLING_CHECKPOINT_SECONDS is '"
              + seconds
              + "', but must be a number of seconds, for example 10");
    }
    return new Home(
        InklingHome.directory(environment),
        Duration.ofMillis((long) (1000 * Double.parseDouble(seconds))),
        Optional.of(environment.getOrDefault("INKLING_STORE", "").strip())
            .filter(place -> !place.isEmpty()));
  }

  /**
   * The artifacts, and the plans of experiments.
   *
   * @throws IllegalArgumentException if INKLING_STORE names nothing that could be one
   */
  public Store store() {
    if (shared.isEmpty()) {
      return new LocalStore(directory, Clock.systemUTC(), Versions.all());
    }
    if (BucketPlace.meant(shared.get())) {
      BucketPlace place = BucketPlace.of(shared.get());
      return new S3Store(
          BucketConnection.of(place, System.getenv()),
          copies(place),
          Clock.systemUTC(),
          Versions.all());
    }
    if (shared.get().contains("://")) {
      throw new IllegalArgumentException(
          "INKLING_STORE is '"
              + shared.get()
              + "', but must be a directory, for example /shared/inkling, or a bucket, for example"
              + " s3://my-bucket/experiments");
    }
    return new LocalStore(
        Path.of(shared.get()).toAbsolutePath(), Clock.systemUTC(), Versions.all());
  }

  /** Where this machine keeps copies of what lies in a bucket; another bucket has others. */
  private Path copies(BucketPlace place) {
    String server = System.getenv().getOrDefault(BucketConnection.ENDPOINT, "");
    String which = Keys.sha256((server + " " + place).getBytes(StandardCharsets.UTF_8));
    return directory.resolve("stores").resolve(place.bucket() + "-" + which.substring(0, 8));
  }

  /** Where the artifacts lie, for people. */
  public String storePlace() {
    return shared.orElse(directory.toString());
  }

  /** The language models that the environment and this home lead to. */
  public LanguageModels languageModels() {
    return new LanguageModels(directory, System.getenv(), Clock.systemUTC());
  }

  /**
   * The Hub that the environment, or the file of keys in this home, leads to.
   *
   * @throws IOException if the file of keys or that of the token cannot be read
   */
  public HubSettings hub() throws IOException {
    return HubSettings.of(
        Credentials.of(System.getenv(), directory.resolve(Credentials.FILE))::get);
  }

  /**
   * The tracking database that the environment names, or the one beside the store.
   *
   * @param patience how long it waits for others that are at the database
   * @throws TrackingException if the environment names something else than a database
   */
  public Tracking tracking(Duration patience) throws TrackingException {
    return TrackingDatabase.of(directory, System.getenv(), store(), patience);
  }

  /** Tells the tensor engine where its libraries go. */
  public void configureTorch() {
    Torch.configure(directory.resolve("djl"));
  }
}
