package dev.inkling.provision.sky;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool.Ended;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why {@code sky} failed. Its exit status is 1 whatever the cause, so the name of the exception on
 * standard error decides; the names stand in {@code sky/exceptions.py} of SkyPilot.
 */
final class SkyFailure {
  private static final Pattern EXCEPTION =
      Pattern.compile("^(?:[a-z_]+\\.)*([A-Z]\\w*[a-z][A-Z]\\w*):\\s*(.*)");

  private static final Map<String, Reason> REASONS =
      Map.ofEntries(
          Map.entry("NoCloudAccessError", Reason.NO_CREDENTIALS),
          Map.entry("InvalidCloudCredentials", Reason.NO_CREDENTIALS),
          Map.entry("CloudUserIdentityError", Reason.NO_CREDENTIALS),
          Map.entry("ClusterOwnerIdentityMismatchError", Reason.NO_CREDENTIALS),
          Map.entry("ApiServerAuthenticationError", Reason.NO_CREDENTIALS),
          Map.entry("PermissionDeniedError", Reason.NO_CREDENTIALS),
          Map.entry("NoWorkspaceAccessError", Reason.NO_CREDENTIALS),
          Map.entry("InvalidSkyPilotConfigError", Reason.BAD_REQUEST),
          Map.entry("InvalidCloudConfigs", Reason.BAD_REQUEST),
          Map.entry("InvalidClusterNameError", Reason.BAD_REQUEST),
          Map.entry("NotSupportedError", Reason.BAD_REQUEST),
          Map.entry("ResourcesMismatchError", Reason.BAD_REQUEST),
          Map.entry("UserRequestRejectedByPolicy", Reason.BAD_REQUEST),
          Map.entry("KubernetesValidationError", Reason.BAD_REQUEST),
          Map.entry("ValueError", Reason.BAD_REQUEST),
          Map.entry("Aborted!", Reason.BAD_REQUEST),
          Map.entry("APIVersionMismatchError", Reason.UNREADABLE),
          Map.entry("APINotSupportedError", Reason.UNREADABLE));

  private static final Pattern QUOTA = Pattern.compile("quota|limit ?exceeded");
  private static final Pattern NOT_ENABLED = Pattern.compile("not enabled");
  private static final Pattern NO_SUCH = Pattern.compile("catalog does not contain");

  private SkyFailure() {}

  /**
   * The failure in our words.
   *
   * @param what could not be done
   * @param kept what there is now
   */
  static ProvisionException of(Ended ended, String what, String kept) {
    String name = "";
    String said = "";
    for (String line : ended.errors()) {
      Matcher matcher = EXCEPTION.matcher(line);
      if (matcher.find()) {
        name = matcher.group(1);
        said = matcher.group(2);
        break;
      }
      if (line.startsWith("Aborted!")) {
        name = "Aborted!";
        said = String.join(" ", ended.output());
        break;
      }
    }
    Reason reason = reason(name, said.toLowerCase(Locale.ROOT), ended);
    return new ProvisionException(
        reason,
        "%s: %s %s %s"
            .formatted(what, sentence(said.isEmpty() ? ended.last() : said), kept, advice(reason)));
  }

  private static Reason reason(String name, String said, Ended ended) {
    if (name.equals("ResourcesUnavailableError")) {
      // The same exception for four causes.
      if (NOT_ENABLED.matcher(said).find()) {
        return Reason.NO_CREDENTIALS;
      }
      if (NO_SUCH.matcher(said).find()) {
        return Reason.BAD_REQUEST;
      }
      return QUOTA.matcher(ended.text().toLowerCase(Locale.ROOT)).find()
          ? Reason.QUOTA
          : Reason.NO_CAPACITY;
    }
    return REASONS.getOrDefault(name, Reason.UNAVAILABLE);
  }

  private static String advice(Reason reason) {
    return switch (reason) {
      case NO_CAPACITY -> "Wait, or name more candidates under anyOf.";
      case NO_CREDENTIALS ->
          "Set up the cloud's credentials where this worker runs, and run: sky check";
      case QUOTA -> "Ask the cloud for a larger quota, or name other candidates under anyOf.";
      case BAD_REQUEST -> "Correct the spec's compute; sky gpus list shows what there is.";
      case UNAVAILABLE -> "Look at: sky api info";
      case UNREADABLE, NO_TOOL -> "Install SkyPilot 0.14 where this worker runs.";
    };
  }

  private static String sentence(String text) {
    return text.matches(".*[.!?]") ? text : text + ".";
  }
}
