package dev.inkling.provision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.provision.ProvisionException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A command line tool. Its standard input is empty, so that it can ask nobody; colours are taken
 * out of what it says; it and the processes that it started end when the caller is interrupted or
 * its time is over.
 *
 * @param command its name or path, and what always follows
 * @param environment added to this process's own
 */
public record Tool(List<String> command, Map<String, String> environment) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern COLOURS = Pattern.compile("\\x1b\\[[0-9;?]*[A-Za-z]");
  private static final Duration GRACE = Duration.ofSeconds(5);

  public Tool {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
  }

  /**
   * How a call ended.
   *
   * @param output lines of standard output
   * @param errors lines of standard error
   */
  public record Ended(int code, List<String> output, List<String> errors) {
    public Ended {
      output = List.copyOf(output);
      errors = List.copyOf(errors);
    }

    /** Both, standard error last. */
    public String text() {
      return String.join("\n", Stream.concat(output.stream(), errors.stream()).toList());
    }

    /**
     * The JSON behind the lines of text that precede it.
     *
     * @throws ProvisionException if there is none
     */
    public JsonNode json() throws ProvisionException {
      for (int i = 0; i < output.size(); i++) {
        String line = output.get(i).strip();
        if (line.startsWith("[") || line.startsWith("{")) {
          try {
            return JSON.readTree(String.join("\n", output.subList(i, output.size())));
          } catch (JsonProcessingException e) {
            // Text that only begins like JSON.
          }
        }
      }
      throw new ProvisionException(
          Reason.NO_TOOL, "There is no JSON in what the tool said: " + text());
    }
  }

  /** The tool's time was over; it was ended, and what it began may go on without it. */
  public static final class TimedOutException extends Exception {
    private static final long serialVersionUID = 1;

    TimedOutException(String message) {
      super(message);
    }
  }

  /**
   * Calls it.
   *
   * @param lines hears each line as it comes, of both streams
   * @throws ProvisionException if it cannot be started
   */
  public Ended call(Duration limit, Consumer<String> lines, List<String> arguments)
      throws ProvisionException, TimedOutException, InterruptedException {
    List<String> line = Stream.concat(command.stream(), arguments.stream()).toList();
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().putAll(environment);
    builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new ProvisionException(
          Reason.NO_TOOL,
          "%s cannot be started (%s). Install it, or put it on the PATH of the worker."
              .formatted(command.getFirst(), e.getMessage()));
    }
    List<String> output = new ArrayList<>();
    List<String> errors = new ArrayList<>();
    Thread first = reader(process.getInputStream(), output, lines);
    Thread second = reader(process.getErrorStream(), errors, lines);
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimedOutException(
            "%s did not end within %d s".formatted(String.join(" ", line), limit.toSeconds()));
      }
      first.join();
      second.join();
      return new Ended(process.exitValue(), output, errors);
    } finally {
      end(process);
    }
  }

  private static Thread reader(InputStream stream, List<String> said, Consumer<String> lines) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try (BufferedReader reader =
                  new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                reader
                    .lines()
                    .map(text -> COLOURS.matcher(text).replaceAll(""))
                    .forEach(
                        text -> {
                          said.add(text);
                          lines.accept(text);
                        });
              } catch (IOException | java.io.UncheckedIOException e) {
                // The process was ended, and its stream with it.
                said.add(String.valueOf(e.getMessage()));
              }
            });
  }

  /** Ends the process and those that it started, gently first. */
  private static void end(Process process) {
    if (!process.isAlive()) {
      return;
    }
    List<ProcessHandle> all =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    all.forEach(ProcessHandle::destroy);
    boolean interrupted = false;
    long until = System.nanoTime() + GRACE.toNanos();
    while (all.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() < until) {
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        interrupted = true;
        break;
      }
    }
    all.forEach(ProcessHandle::destroyForcibly);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
