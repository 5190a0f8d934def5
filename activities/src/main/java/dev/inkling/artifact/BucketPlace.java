package dev.inkling.artifact;

import java.util.Locale;

/**
 * A part of a bucket.
 *
 * @param prefix what every object's name begins with: empty, or ending in a slash
 */
public record BucketPlace(String bucket, String prefix) {
  private static final String SCHEME = "s3://";

  /** Whether a setting means a bucket. */
  public static boolean meant(String setting) {
    return setting.toLowerCase(Locale.ROOT).startsWith(SCHEME);
  }

  /**
   * Reads {@code s3://bucket/prefix}.
   *
   * @throws IllegalArgumentException if it is none; the message is for people
   */
  public static BucketPlace of(String setting) {
    String rest = setting.substring(SCHEME.length());
    int slash = rest.indexOf('/');
    String bucket = slash < 0 ? rest : rest.substring(0, slash);
    String prefix = slash < 0 ? "" : rest.substring(slash + 1).replaceAll("/+$", "");
    if (!bucket.matches("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
        || !prefix.matches("[A-Za-z0-9!_.*'()/-]*")
        || prefix.contains("//")) {
      throw new IllegalArgumentException(
          "INKLING_STORE is '"
              + setting
              + "', but a bucket is named like s3://my-bucket/experiments: small letters, digits,"
              + " dots and hyphens, then a prefix or none");
    }
    return new BucketPlace(bucket, prefix.isEmpty() ? "" : prefix + "/");
  }

  String object(String name) {
    return prefix + name;
  }

  String name(String object) {
    return object.substring(prefix.length());
  }

  @Override
  public String toString() {
    return SCHEME + bucket + "/" + prefix;
  }
}
