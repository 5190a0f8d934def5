package dev.inkling.provision.sky;

import dev.inkling.workflow.ClusterRequest;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a cluster says of itself. The values satisfy every cloud that SkyPilot checks them for: at
 * most 63 small letters, digits, hyphens and underscores, with a letter or digit at both ends
 * (Google Cloud is the strictest in the letters, Kubernetes at the ends).
 */
final class SkyLabels {
  /** On everything that is ours. */
  static final String MARKER = "inkling";

  static final String EXPERIMENT = "experiment";
  static final String OWNER = "owner";
  static final String GENERATION = "generation";
  static final String WORKFLOW = "workflow";

  /** Seconds since 1970. */
  static final String UNTIL = "until";

  /** A thousandth of a US dollar for an hour: a label holds no point. */
  static final String PRICE = "millidollars-per-hour";

  /** What it may cost in all, in the same unit; only with a price. */
  static final String MONEY = "max-millidollars";

  private static final int LONGEST = 63;
  private static final Pattern ALLOWED = Pattern.compile("[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?");

  private SkyLabels() {}

  static Map<String, String> of(ClusterRequest request, String owner, Terms terms) {
    Map<String, String> labels = new TreeMap<>();
    labels.put(MARKER, "worker");
    labels.put(GENERATION, Integer.toString(request.generation()));
    labels.put(UNTIL, Long.toString(terms.until().getEpochSecond()));
    terms
        .usdPerHour()
        .ifPresent(
            price -> {
              labels.put(PRICE, Long.toString(Math.round(price * 1000)));
              request
                  .compute()
                  .maxUsd()
                  .ifPresent(usd -> labels.put(MONEY, Long.toString((long) (usd * 1000))));
            });
    labels.put(OWNER, cleaned(owner));
    // These are read back as they are, so one that does not fit is left out.
    putIfAllowed(labels, EXPERIMENT, request.experiment());
    putIfAllowed(labels, WORKFLOW, request.workflowId());
    return labels;
  }

  private static void putIfAllowed(Map<String, String> labels, String label, String value) {
    if (ALLOWED.matcher(value).matches()) {
      labels.put(label, value);
    }
  }

  /** The value with what is forbidden replaced; for people. */
  private static String cleaned(String value) {
    String letters =
        value.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "-").replaceAll("^[^a-z0-9]+", "");
    String cut = letters.length() <= LONGEST ? letters : letters.substring(0, LONGEST);
    String whole = cut.replaceAll("[^a-z0-9]+$", "");
    return whole.isEmpty() ? "unknown" : whole;
  }
}
