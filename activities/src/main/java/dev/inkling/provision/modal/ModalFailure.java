package dev.inkling.provision.modal;

import dev.inkling.provision.ProvisionException;
import dev.inkling.provision.ProvisionException.Reason;
import dev.inkling.provision.Tool.Ended;
import java.util.List;
import java.util.Locale;

/** Why {@code modal} failed: its exit status is 1 whatever the cause, so its last line decides. */
final class ModalFailure {
  private static final List<String> NO_CREDENTIALS =
      List.of("token missing", "token validation failed", "autherror", "unauthenticated");
  private static final List<String> QUOTA =
      List.of("spend limit", "quota", "billing", "limit reached", "resource_exhausted");
  private static final List<String> BAD_REQUEST =
      List.of("invaliderror", "notfounderror", "not found", "usage:", "typeerror", "valueerror");

  private ModalFailure() {}

  /**
   * The failure in our words.
   *
   * @param what could not be done
   * @param kept what there is now
   */
  static ProvisionException of(Ended ended, String what, String kept) {
    Reason reason = reason(String.join("\n", ended.errors()).toLowerCase(Locale.ROOT));
    return new ProvisionException(
        reason, "%s: %s %s %s".formatted(what, ended.last(), kept, advice(reason)));
  }

  private static Reason reason(String errors) {
    if (NO_CREDENTIALS.stream().anyMatch(errors::contains)) {
      return Reason.NO_CREDENTIALS;
    }
    if (QUOTA.stream().anyMatch(errors::contains)) {
      return Reason.QUOTA;
    }
    return BAD_REQUEST.stream().anyMatch(errors::contains)
        ? Reason.BAD_REQUEST
        : Reason.UNAVAILABLE;
  }

  private static String advice(Reason reason) {
    return switch (reason) {
      case NO_CREDENTIALS -> "Where this worker runs, type: modal token new";
      case QUOTA -> "Raise the limit of your Modal workspace.";
      case BAD_REQUEST ->
          "Correct the spec's compute: the kind of GPU, and a secret that exists (modal secret list).";
      case UNAVAILABLE, NO_CAPACITY -> "It will be tried again.";
      case UNREADABLE, NO_TOOL -> "Install Modal's client where this worker runs.";
    };
  }
}
