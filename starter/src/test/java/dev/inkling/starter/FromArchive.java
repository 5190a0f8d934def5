package dev.inkling.starter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line as if it ran from an archive, which is what is sent to machines, but as fast as
 * that of other tests: Java's ahead-of-time cache knows a class path, and not that of a manifest.
 */
public final class FromArchive {
  private static final String ARCHIVE = "inkling.archive";

  private FromArchive() {}

  public static void main(String[] arguments) {
    System.setProperty("java.class.path", System.getProperty(ARCHIVE));
    Main.main(arguments);
  }

  /** The options of Java with which this class runs. */
  static List<String> options(Path archive) throws IOException {
    List<String> options = new ArrayList<>(fast());
    options.add("-D" + ARCHIVE + "=" + archive);
    return options;
  }

  private static List<String> fast() throws IOException {
    FastStart fast = FastStart.here();
    return List.of(
        "-XX:AOTCache=" + fast.cache(), "-Xlog:aot=off", "-Xlog:aot*=off", "-cp", fast.classPath());
  }

  /** A JAVA_HOME for machines, which does the same where {@code -jar} says that an archive runs. */
  static Path java(Path home) throws IOException {
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/bash
        before=
        for word; do
          shift
          if [ "$before" = -jar ]; then set -- "$@" '%s' %s
          elif [ "$word" != -jar ]; then set -- "$@" "$word"; fi
          before=$word
        done
        exec '%s/bin/java' "$@"
        """
            .formatted(
                String.join("' '", fast()), Main.class.getName(), System.getProperty("java.home")));
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    return home;
  }
}
