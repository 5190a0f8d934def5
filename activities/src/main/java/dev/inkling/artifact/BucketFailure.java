package dev.inkling.artifact;

import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What a bucket's refusal means for somebody whose experiment it stopped. */
final class BucketFailure {
  private static final String KEPT =
      " Everything that was kept stays kept; run the same command again then.";

  private static final String KEPT_MEANWHILE =
      " Everything that was kept stays kept. A stage tries again by itself; where nothing runs any"
          + " more, run the same command again.";

  private static final int NOT_IMPLEMENTED = 501;

  private BucketFailure() {}

  static boolean noSuchBucket(S3Exception e) {
    return "NoSuchBucket".equals(code(e));
  }

  static StoreException of(BucketPlace place, SdkException e) {
    if (e instanceof S3Exception refusal) {
      boolean passing = passing(refusal);
      return new StoreException(
          refused(place, refusal) + (passing ? KEPT_MEANWHILE : KEPT), e, passing);
    }
    String said = firstLine(e);
    return said.contains("credentials")
        ? new StoreException(
            "There are no credentials for "
                + place
                + ". Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, in the"
                + " environment of this process."
                + KEPT,
            e)
        : new StoreException(
            place
                + " does not answer ("
                + said
                + "). Look at the network, and at AWS_ENDPOINT_URL_S3 and AWS_REGION if they are"
                + " set."
                + KEPT_MEANWHILE,
            e,
            true);
  }

  /** What a server says that is overloaded, restarted or at odds with itself for a while. */
  private static boolean passing(S3Exception e) {
    int status = e.statusCode();
    return (status >= 500 && status != NOT_IMPLEMENTED)
        || status == 408
        || status == 409
        || status == 429
        || code(e).equals("RequestTimeout");
  }

  private static String refused(BucketPlace place, S3Exception e) {
    return switch (e.statusCode()) {
      case 404 -> "There is no bucket '" + place.bucket() + "'. Make it, or correct INKLING_STORE.";
      case 401, 403 ->
          place
              + " refuses this access ("
              + code(e)
              + "). The credentials need s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject"
              + " and s3:DeleteObject on what is in it.";
      case 301, 307, 400 ->
          place
              + " refuses the request ("
              + code(e)
              + ": "
              + firstLine(e)
              + "). Set AWS_REGION to the bucket's region.";
      default -> place + " failed (" + e.statusCode() + " " + code(e) + ": " + firstLine(e) + ").";
    };
  }

  private static String code(S3Exception e) {
    return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
        ? "status " + e.statusCode()
        : e.awsErrorDetails().errorCode();
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
