package dev.inkling.starter;

import dev.inkling.plan.Plan;
import dev.inkling.workflow.ClusterRequest;
import dev.inkling.workflow.Progress;
import dev.inkling.workflow.StageBeat;
import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Progress for people: bars that are redrawn on a terminal, plain lines where there is none. */
final class ProgressView {
  private static final int BAR = 24;
  private static final long PLAIN_EVERY_NANOS = Duration.ofSeconds(10).toNanos();

  /** A line that a terminal would break could not be erased. */
  private static final int WIDTH = 100;

  private final PrintStream out;
  private final boolean terminal;
  private final int stages;
  private final Map<String, Progress.State> told = new HashMap<>();
  private final Map<String, Long> lines = new HashMap<>();
  private int drawn;
  private boolean waitingTold;
  private String state = "";
  private String machine = "";
  private final long started = System.nanoTime();

  ProgressView(PrintStream out, boolean terminal, int stages) {
    this.out = out;
    this.terminal = terminal;
    this.stages = stages;
  }

  @SuppressWarnings("SystemConsoleNull") // on JDK 25 it is null again where there is no terminal
  static ProgressView forTerminal(Plan plan) {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    return new ProgressView(
        System.out, terminal && System.getenv("NO_COLOR") == null, plan.stages().size());
  }

  /** Nobody answers yet. */
  void waiting() {
    if (!waitingTold && System.nanoTime() - started > PLAIN_EVERY_NANOS / 2) {
      waitingTold = true;
      out.println(
          "Waiting for a worker on the task queue 'inkling' (start one with: inkling worker)");
    }
  }

  /** Shows where the stages are. */
  void show(Progress progress, Map<String, StageBeat> beats) {
    erase();
    for (Progress.StageProgress stage : progress.stages()) {
      boolean news = told.put(stage.key(), stage.state()) != stage.state();
      if (news && stage.state().finished()) {
        out.println(finished(stage));
      } else if (news && stage.state() == Progress.State.RUNNING && !terminal) {
        out.println("running  " + label(stage));
      }
    }
    if (!progress.state().equals(state) && progress.state().equals(Progress.PARKED)) {
      parked(progress);
    }
    state = progress.state();
    List<String> running = new ArrayList<>();
    for (Progress.StageProgress stage : progress.stages()) {
      if (stage.state() == Progress.State.RUNNING) {
        running.add(running(stage, beats.get(stage.key())));
        plainLine(stage, beats.get(stage.key()));
      }
    }
    for (StageBeat beat : beats.values()) {
      if (beat.key().startsWith(ClusterRequest.PREFIX)) {
        machine(beat, running);
      }
    }
    if (terminal) {
      long done = progress.stages().stream().filter(s -> s.state().finished()).count();
      running.add(progress.state() + ", " + done + " of " + stages + " stages done");
      running.forEach(out::println);
      drawn = running.size();
      out.flush();
    }
  }

  private void parked(Progress progress) {
    progress.stages().stream()
        .filter(s -> s.state() == Progress.State.WAITING && !s.summary().isEmpty())
        .forEach(s -> out.println("parked   " + label(s) + " · " + s.summary()));
    out.println(
        "         Raise the budget: inkling budget "
            + progress.experiment()
            + " --usd N (in all), or end it: inkling cancel "
            + progress.experiment());
  }

  /** The last word: nothing more is redrawn. */
  void end() {
    erase();
  }

  private void erase() {
    if (drawn > 0) {
      out.print("\u001b[" + drawn + "A\u001b[J");
      drawn = 0;
    }
  }

  private void plainLine(Progress.StageProgress stage, @Nullable StageBeat beat) {
    long now = System.nanoTime();
    if (!terminal
        && beat != null
        && now - lines.getOrDefault(stage.key(), started) > PLAIN_EVERY_NANOS) {
      lines.put(stage.key(), now);
      out.println(running(stage, beat));
    }
  }

  /** What is said of a machine that stages wait for: how far it is, or why there is none. */
  private void machine(StageBeat beat, List<String> running) {
    String said = beat.note().flatMap(note -> note.lines().findFirst()).orElse("");
    if (said.isBlank()) {
      return;
    }
    String line = "machine  " + (terminal ? "" : beat.key() + " · ") + said.strip();
    long now = System.nanoTime();
    if (terminal) {
      running.add(line.substring(0, Math.min(WIDTH, line.length())));
    } else if (!line.equals(machine)
        && now - lines.getOrDefault(beat.key(), now - 2 * PLAIN_EVERY_NANOS) > PLAIN_EVERY_NANOS) {
      lines.put(beat.key(), now);
      machine = line;
      out.println(line);
    }
  }

  private static String finished(Progress.StageProgress stage) {
    String word = stage.state() == Progress.State.REUSED ? "reused   " : "done     ";
    return word + label(stage) + (stage.summary().isEmpty() ? "" : " · " + stage.summary());
  }

  private static String label(Progress.StageProgress stage) {
    return String.format("%-15s %s", stage.activity(), stage.name());
  }

  static String running(Progress.StageProgress stage, @Nullable StageBeat beat) {
    StringBuilder line = new StringBuilder("running  ").append(label(stage));
    if (beat == null || beat.total() == 0) {
      return line.append(beat == null ? "" : beat.note().map(n -> " · " + n).orElse("")).toString();
    }
    // A judge that must be asked again makes more than was thought.
    double share = Math.min(1, (double) beat.done() / beat.total());
    int full = (int) Math.round(share * BAR);
    line.append(" [").append("#".repeat(full)).append("-".repeat(BAR - full)).append("] ");
    line.append(String.format(Locale.ROOT, "%,d/%,d %s", beat.done(), beat.total(), beat.unit()));
    if (beat.perSecond() > 0) {
      line.append(String.format(Locale.ROOT, " · %.1f/s", beat.perSecond()));
      line.append(" · ")
          .append(span(Math.max(0, beat.total() - beat.done()) / beat.perSecond()))
          .append(" left");
    }
    beat.loss().ifPresent(l -> line.append(String.format(Locale.ROOT, " · loss %.4g", l)));
    beat.note().ifPresent(n -> line.append(" · ").append(n));
    return line.toString();
  }

  static String span(double seconds) {
    Duration d = Duration.ofSeconds(Math.round(seconds));
    return d.toHours() > 0
        ? String.format("%d:%02d:%02d", d.toHours(), d.toMinutesPart(), d.toSecondsPart())
        : String.format("%d:%02d", d.toMinutes(), d.toSecondsPart());
  }
}
