package dev.inkling.starter;

import dev.inkling.provision.fake.FakeCloud;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Inkling as people install it: one archive, which is also what is sent to machines. Somebody
 * types, and each command ends at once.
 *
 * @param home INKLING_HOME
 * @param tools a folder that comes first on the PATH
 */
record InstalledCommand(Path archive, Path home, Path tools) {
  /** In a folder of its own, with no tool yet. */
  static InstalledCommand in(Path folder) throws IOException {
    return new InstalledCommand(
        FakeCloud.archive(folder.resolve("inkling.jar"), Main.class.getName()),
        Files.createDirectories(folder.resolve("home")),
        Files.createDirectories(folder.resolve("tools")));
  }

  /** What a command came to. */
  record Ended(int code, String output, String errors) {}

  /** A tool by that name: a shell script. */
  void tool(String name, String script) throws IOException {
    Path file = Files.writeString(tools.resolve(name), "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(
        file, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
  }

  /** Types a command and waits for its end. */
  Ended type(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> line =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                archive.toString()));
    line.addAll(List.of(arguments));
    Path output = Files.createTempFile(home, "output", ".txt");
    Path errors = Files.createTempFile(home, "errors", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile());
    builder.environment().keySet().removeIf(name -> name.matches("(TEMPORAL|INKLING|AWS)_.*"));
    builder.environment().put("INKLING_HOME", home.toString());
    builder
        .environment()
        .merge(
            "PATH", tools.toString(), (path, first) -> first + java.io.File.pathSeparator + path);
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (!process.waitFor(Terminal.LONG.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("still running: " + String.join(" ", line));
      }
      return new Ended(process.exitValue(), Files.readString(output), Files.readString(errors));
    } finally {
      process.destroyForcibly();
    }
  }
}
