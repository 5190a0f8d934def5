package dev.inkling.artifact;

import java.nio.file.Path;
import java.util.Map;

/** Where Inkling keeps everything on a machine. */
public final class InklingHome {
  private InklingHome() {}

  /** INKLING_HOME, by default {@code ~/.inkling}. */
  public static Path directory(Map<String, String> environment) {
    String home = environment.getOrDefault("INKLING_HOME", "");
    Path directory =
        home.isBlank() ? Path.of(System.getProperty("user.home"), ".inkling") : Path.of(home);
    return directory.toAbsolutePath();
  }
}
