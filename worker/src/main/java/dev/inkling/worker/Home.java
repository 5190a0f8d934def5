package dev.inkling.worker;

import dev.inkling.artifact.InklingHome;
import dev.inkling.artifact.LocalStore;
import dev.inkling.artifact.Versions;
import dev.inkling.language.LanguageModels;
import dev.inkling.model.hosted.Credentials;
import dev.inkling.model.hub.HubSettings;
import dev.inkling.tensor.Torch;
import dev.inkling.tracking.Tracking;
import dev.inkling.tracking.TrackingDatabase;
import dev.inkling.tracking.TrackingException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

/**
 * Where Inkling keeps everything on this machine.
 *
 * @param directory INKLING_HOME, by default {@code ~/.inkling}
 * @param checkpointEvery how often training saves its work, INKLING_CHECKPOINT_SECONDS, by default
 *     10 s
 */
public record Home(Path directory, Duration checkpointEvery) {

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
        Duration.ofMillis((long) (1000 * Double.parseDouble(seconds))));
  }

  /** The artifacts. */
  public LocalStore store() {
    return new LocalStore(directory, Clock.systemUTC(), Versions.all());
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
