package dev.inkling.starter;

import dev.inkling.artifact.StoreException;
import dev.inkling.spec.InvalidSpecException;
import dev.inkling.spec.Problem;
import dev.inkling.worker.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Spec;

/** {@code inkling}: its commands, and how an error becomes a message and an exit code. */
@Command(
    name = "inkling",
    description = "Durable subliminal-learning experiments.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      RunCommand.class,
      SweepCommand.class,
      StatusCommand.class,
      WatchCommand.class,
      PauseCommand.class,
      PauseCommand.Unpause.class,
      BudgetCommand.class,
      CancelCommand.class,
      ResumeCommand.class,
      AmendCommand.class,
      ReportCommand.class,
      ListCommand.class,
      CompareCommand.class,
      ReindexCommand.class,
      ServeCommand.class,
      MergeCommand.class,
      PresetsCommand.class,
      ValidateCommand.class,
      PreviewCommand.class,
      FilterCommand.class,
      SchemaCommand.class,
      ArtifactsCommand.class,
      GcCommand.class,
      DownloadCommand.class,
      PushCommand.class,
      WorkerCommand.class,
      ClustersCommand.class,
      ServerCommand.class,
      DoctorCommand.class
    },
    footer = {
      "",
      "Start with:  inkling run mnist",
      "Everything is kept under INKLING_HOME (default ~/.inkling)."
    })
public final class Main implements Runnable {
  /** The experiment failed. */
  static final int FAILED = 1;

  /** The input is wrong. */
  static final int BAD_INPUT = 2;

  /** This machine cannot do it, however often it is tried; a job of Slurm ends then. */
  static final int UNABLE = 3;

  @Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "Which command?");
  }

  /**
   * Runs a command; the exit code is 0 done, 1 failed, 2 bad input, 3 not on this machine, 130
   * interrupted.
   */
  public static void main(String[] arguments) {
    int code;
    try {
      Logs.configure(List.of(arguments), System.getenv());
      code = execute(arguments);
    } catch (UserException e) {
      code = report(e);
    }
    // A plain return ends Java 0.3 s earlier than exit does, which waits for threads in native
    // code.
    if (code != 0 || othersHoldTheProcess()) {
      System.exit(code);
    }
  }

  private static boolean othersHoldTheProcess() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(t -> !t.isDaemon() && t != Thread.currentThread());
  }

  static int execute(String... arguments) {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler((e, _, _) -> report(e))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(arguments);
  }

  /** Home as the environment says. */
  static Home home() {
    return Home.of(System.getenv());
  }

  private static int report(Exception e) {
    switch (e) {
      case InvalidSpecException invalid -> {
        System.err.println("The spec cannot be run:");
        for (Problem problem : invalid.problems()) {
          System.err.println("  " + problem);
        }
        return BAD_INPUT;
      }
      case UserException user -> {
        System.err.println(user.getMessage());
        return user.exitCode();
      }
      case StoreException store -> {
        System.err.println(store.getMessage());
        return FAILED;
      }
      case IOException io -> {
        System.err.println(StoreException.of(home().directory(), io).getMessage());
        return FAILED;
      }
      case IllegalArgumentException wrong -> {
        System.err.println(wrong.getMessage());
        return BAD_INPUT;
      }
      case IllegalStateException state -> {
        System.err.println(state.getMessage());
        return FAILED;
      }
      default -> {
        System.err.println("Inkling failed in a way that has no name yet: " + e);
        System.err.println(
            "Everything done so far is kept; the same command goes on from there." + details(e));
        return FAILED;
      }
    }
  }

  /** Writes the stack trace where a report of the fault can take it from. */
  private static String details(Exception e) {
    try {
      Path file = Files.createDirectories(home().directory().resolve("logs")).resolve("fault.txt");
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      Files.writeString(file, trace.toString());
      return " Details: " + file;
    } catch (IOException unwritten) {
      return " The details could not be written: " + unwritten.getMessage();
    }
  }

  /** The version that the jar says. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      Map<String, String> versions = dev.inkling.artifact.Versions.all();
      return new String[] {"inkling " + versions.get("inkling") + " " + versions};
    }
  }
}
