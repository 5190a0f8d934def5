package dev.inkling.provision.modal;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool;
import dev.inkling.provision.Tool.Ended;
import dev.inkling.provision.Tool.TimedOutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The commands of Modal that we use, as version 1.6 has them. */
record ModalCli(Tool tool, Limits limits) {
  /**
   * How long each may take.
   *
   * @param look without a network the client gives up by itself after a minute
   * @param run the image is made and the archive sent, once
   */
  record Limits(Duration look, Duration run) {
    static final Limits USUAL = new Limits(Duration.ofMinutes(3), Duration.ofMinutes(30));
  }

  /** Our apps, those that ended lately included. */
  List<ModalApp> apps() throws ProvisionException, InterruptedException {
    List<ModalApp> apps = new ArrayList<>();
    look(List.of("app", "list", "--json"), "Modal did not tell what apps there are")
        .json()
        .forEach(row -> ModalApp.of(row).ifPresent(apps::add));
    return apps;
  }

  /** Ends one; also one that ends meanwhile. */
  void stop(String id) throws ProvisionException, InterruptedException {
    Ended ended = call(List.of("app", "stop", "-y", id));
    if (ended.code() != 0 && !ended.text().contains("already stopped")) {
      throw ModalFailure.of(
          ended,
          "Modal did not stop the app " + id,
          "It may still cost. Type: modal app stop -y " + id + ".");
    }
  }

  /** Starts the function of the page, which goes on without us. */
  Ended run(
      Path page, Map<String, String> settings, String worker, int gpus, Consumer<String> progress)
      throws ProvisionException, TimedOutException, InterruptedException {
    return tool.with(settings)
        .call(
            limits.run,
            progress,
            List.of(
                "run",
                "--detach",
                page.toString(),
                "--arguments",
                worker,
                "--gpus",
                Integer.toString(gpus)));
  }

  private Ended look(List<String> arguments, String failed)
      throws ProvisionException, InterruptedException {
    Ended ended = call(arguments);
    if (ended.code() != 0) {
      throw ModalFailure.of(ended, failed, "Nothing was changed.");
    }
    return ended;
  }

  private Ended call(List<String> arguments) throws ProvisionException, InterruptedException {
    try {
      return tool.call(limits.look, line -> {}, arguments);
    } catch (TimedOutException e) {
      throw new ProvisionException(
          Reason.UNAVAILABLE, e.getMessage() + ". It will be tried again.");
    }
  }
}
