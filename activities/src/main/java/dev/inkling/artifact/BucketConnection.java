package dev.inkling.artifact;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** The way to a bucket, as the environment describes it. */
public final class BucketConnection {
  /** Another server than Amazon's. */
  public static final String ENDPOINT = "AWS_ENDPOINT_URL_S3";

  /**
   * A server that fails now and then is asked again, for some seconds; one that is silent, for two
   * minutes, which is the end of a request that hangs. {@link Attended} beats meanwhile.
   */
  private static final int ATTEMPTS = 5;

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration SILENCE = Duration.ofSeconds(20);

  private final Bucket bucket;

  private BucketConnection(Bucket bucket) {
    this.bucket = bucket;
  }

  /**
   * A connection; nothing is asked yet. Credentials are found where the AWS tools look for them.
   *
   * @throws IllegalArgumentException if a variable is no address; the message is for people
   */
  public static BucketConnection of(BucketPlace place, Map<String, String> environment) {
    S3ClientBuilder client =
        S3Client.builder()
            .httpClientBuilder(
                UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(SILENCE))
            // Each request carries its own checksum; not every server knows the newer kinds.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(
                o ->
                    o.retryStrategy(
                        AwsRetryStrategy.standardRetryStrategy().toBuilder()
                            .maxAttempts(ATTEMPTS)
                            .build()));
    credentials(environment).ifPresent(client::credentialsProvider);
    String region = environment.getOrDefault("AWS_REGION", "");
    String endpoint = environment.getOrDefault(ENDPOINT, "");
    if (!endpoint.isBlank()) {
      client.endpointOverride(address(endpoint)).forcePathStyle(true);
    }
    if (!region.isBlank()) {
      client.region(Region.of(region));
    } else if (!endpoint.isBlank()) {
      client.region(Region.US_EAST_1); // other servers have no regions, and a signature needs one
    }
    try {
      return new BucketConnection(new Bucket(client.build(), place));
    } catch (software.amazon.awssdk.core.exception.SdkClientException e) {
      throw new IllegalArgumentException(
          "It is unknown in which region "
              + place
              + " lies: set AWS_REGION, for example AWS_REGION=eu-central-1",
          e);
    }
  }

  /**
   * Those of the environment; without them the SDK looks at its files and at the machine's role.
   */
  private static Optional<AwsCredentialsProvider> credentials(Map<String, String> environment) {
    String id = environment.getOrDefault("AWS_ACCESS_KEY_ID", "");
    String secret = environment.getOrDefault("AWS_SECRET_ACCESS_KEY", "");
    String session = environment.getOrDefault("AWS_SESSION_TOKEN", "");
    if (id.isBlank() || secret.isBlank()) {
      return Optional.empty();
    }
    return Optional.of(
        StaticCredentialsProvider.create(
            session.isBlank()
                ? AwsBasicCredentials.create(id, secret)
                : AwsSessionCredentials.create(id, secret, session)));
  }

  private static URI address(String endpoint) {
    if (!endpoint.matches("https?://[^/\\s]+/?")) {
      throw new IllegalArgumentException(
          ENDPOINT + " is '" + endpoint + "', but must be an address like https://s3.example.org");
    }
    return URI.create(endpoint);
  }

  Bucket bucket() {
    return bucket;
  }
}
