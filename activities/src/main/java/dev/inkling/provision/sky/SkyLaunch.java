package dev.inkling.provision.sky;

import dev.inkling.provision.Attempt;
import dev.inkling.provision.Behind;
import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool.Ended;
import dev.inkling.provision.Tool.TimedOutException;
import java.time.Duration;

/**
 * A launch, whose server goes on when its command is cut off.
 *
 * @param poll how long to wait between two looks at what it still brings up
 */
record SkyLaunch(SkyCli sky, Duration poll) {
  /** A launch that was cut off may show only after its server has begun with it. */
  private static final int QUIET_LOOKS = 4;

  /** How long somebody who wants to stop is held while we clean up behind him. */
  private static final Duration CLEANING = Duration.ofMinutes(3);

  /** Launches, and cleans up behind a launch that was cut off: its server goes on without it. */
  Ended run(String name, Terms terms, Draft draft, Attempt attempt)
      throws ProvisionException, InterruptedException {
    try {
      return sky.launch(name, terms.autostop(), draft.file(), attempt);
    } catch (TimedOutException e) {
      throw new ProvisionException(
          Reason.UNAVAILABLE,
          "SkyPilot did not bring %s up in time (%s). %s"
              .formatted(name, e.getMessage(), cleaned(name, draft)));
    } catch (InterruptedException | RuntimeException e) {
      if (attempt.replaced()) {
        throw e;
      }
      e.addSuppressed(new ProvisionException(Reason.UNAVAILABLE, cleaned(name, draft)));
      throw e;
    }
  }

  /** Cleans up behind a launch that was cut off, and tells what is left. */
  private String cleaned(String name, Draft draft) {
    draft.close();
    try {
      Behind.clean(CLEANING, () -> abandon(name));
      return "Nothing was left running.";
    } catch (ProvisionException e) {
      return "%s may come up all the same, and ends by itself when it is idle (%s). Type: sky down -y %s"
          .formatted(name, e.getMessage(), name);
    }
  }

  /** Takes down what a launch that was cut off still brings up, if it does. */
  private void abandon(String name) throws ProvisionException, InterruptedException {
    int quiet = 0;
    while (quiet < QUIET_LOOKS) {
      if (sky.find(name).isPresent()) {
        sky.down(name, line -> {});
        quiet = 0;
      }
      quiet++;
      Thread.sleep(poll);
    }
  }
}
