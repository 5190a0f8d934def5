package dev.inkling.provision;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.provision.ProvisionException.Reason;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
  private static final JsonFactory FACTORY = JSON.getFactory();

  /** Colours and movements of the cursor; links, which end with a bell or a backslash. */
  private static final Pattern COLOURS =
      Pattern.compile("\\x1b\\[[0-9;?]*[A-Za-z]|\\x1b\\][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)");

  /** A tool that was told to end may still have to tell its server. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  /**
   * What an ended tool has said is in its pipe; only a service that it left behind keeps that open.
   */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

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

    /** The last line of both that says something, or that none does. */
    public String last() {
      List<String> lines =
          text().lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
      return lines.isEmpty()
          ? "it ended with %d and said nothing.".formatted(code)
          : lines.getLast();
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
        String first = output.get(i).stripLeading();
        if (first.startsWith("[") || first.startsWith("{")) {
          Optional<JsonNode> json = whole(String.join("\n", output.subList(i, output.size())));
          if (json.isPresent()) {
            return json.get();
          }
        }
      }
      throw new ProvisionException(
          Reason.UNREADABLE, "There is no JSON in what the tool said: " + text());
    }

    /** The value that the text begins with, if nothing but space follows in its last line. */
    private static Optional<JsonNode> whole(String text) {
      try (JsonParser parser = FACTORY.createParser(text)) {
        JsonNode json = parser.readValueAsTree();
        String rest = text.substring((int) parser.currentLocation().getCharOffset());
        return rest.lines().findFirst().orElse("").isBlank() ? Optional.of(json) : Optional.empty();
      } catch (IOException e) {
        return Optional.empty(); // text that only begins like JSON
      }
    }
  }

  /** The tool's time was over; it was ended, and what it began may go on without it. */
  public static final class TimedOutException extends Exception {
    private static final long serialVersionUID = 1;

    TimedOutException(String message) {
      super(message);
    }
  }

  /** The same tool with more in its environment. */
  public Tool with(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(environment);
    all.putAll(more);
    return new Tool(command, all);
  }

  /**
   * Calls it.
   *
   * @param lines hears each line as it comes, of both streams; what it throws ends the tool and is
   *     thrown from here
   * @throws ProvisionException if it cannot be started
   */
  public Ended call(Duration limit, Consumer<String> lines, List<String> arguments)
      throws ProvisionException, TimedOutException, InterruptedException {
    List<String> line = Stream.concat(command.stream(), arguments.stream()).toList();
    ProcessBuilder builder = new ProcessBuilder(line);
    builder.environment().putAll(environment);
    builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new ProvisionException(
          Reason.NO_TOOL,
          "%s cannot be started (%s). Install it, or put it on the PATH of the worker."
              .formatted(command.getFirst(), e.getMessage()));
    }
    AtomicReference<@Nullable RuntimeException> unheard = new AtomicReference<>();
    Consumer<String> listener =
        text -> {
          try {
            lines.accept(text);
          } catch (RuntimeException e) {
            unheard.compareAndSet(null, e);
            end(process);
            throw e;
          }
        };
    Spoken output = Spoken.of(process.getInputStream(), listener);
    Spoken errors = Spoken.of(process.getErrorStream(), listener);
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new TimedOutException(
            "%s did not end within %d s".formatted(String.join(" ", line), limit.toSeconds()));
      }
      Ended ended = new Ended(process.exitValue(), output.all(), errors.all());
      RuntimeException thrown = unheard.get();
      if (thrown != null) {
        throw thrown;
      }
      return ended;
    } finally {
      end(process);
    }
  }

  /** What one stream says, line by line. */
  private record Spoken(List<String> said, Thread reader) {
    static Spoken of(InputStream stream, Consumer<String> lines) {
      List<String> said = Collections.synchronizedList(new ArrayList<>());
      return new Spoken(said, Thread.ofVirtual().start(() -> read(stream, said, lines)));
    }

    /** Waits for the rest, but not for a service that the tool left behind with its streams. */
    List<String> all() throws InterruptedException {
      reader.join(LAST_WORDS);
      synchronized (said) {
        return List.copyOf(said);
      }
    }

    private static void read(InputStream stream, List<String> said, Consumer<String> lines) {
      boolean heard = true;
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          String text = COLOURS.matcher(line).replaceAll("");
          said.add(text);
          if (heard) {
            heard = tell(lines, text);
          }
        }
      } catch (IOException e) {
        // The process was ended, and its stream with it.
      }
    }

    /** A listener that has thrown hears no more, but the tool must not stop at a full pipe. */
    private static boolean tell(Consumer<String> lines, String text) {
      try {
        lines.accept(text);
        return true;
      } catch (RuntimeException e) {
        return false; // the caller has it
      }
    }
  }

  /** Ends the process and those that it started, gently first. */
  private static void end(Process process) {
    if (!process.isAlive()) {
      return;
    }
    Set<ProcessHandle> all = new LinkedHashSet<>();
    boolean interrupted = false;
    long until = System.nanoTime() + GRACE.toNanos();
    do {
      // Looked at again each time: a child may have had time to start another.
      Stream.concat(Stream.of(process.toHandle()), process.descendants())
          .filter(all::add)
          .toList()
          .forEach(ProcessHandle::destroy);
      try {
        TimeUnit.MILLISECONDS.sleep(50);
      } catch (InterruptedException e) {
        interrupted = true;
        break;
      }
    } while (all.stream().anyMatch(ProcessHandle::isAlive) && System.nanoTime() < until);
    List.copyOf(all).stream().flatMap(ProcessHandle::descendants).forEach(all::add);
    all.forEach(ProcessHandle::destroyForcibly);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
