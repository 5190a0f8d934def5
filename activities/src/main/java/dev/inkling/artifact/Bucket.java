package dev.inkling.artifact;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Small requests to the objects under a prefix of a bucket. */
final class Bucket {
  private static final int CONFLICT = 409;
  private static final int NOT_THERE = 404;
  private static final int REFUSED = 412;

  private final S3Client client;
  private final BucketPlace place;
  private final Runnable alive;

  Bucket(S3Client client, BucketPlace place) {
    this(client, place, () -> {});
  }

  private Bucket(S3Client client, BucketPlace place, Runnable alive) {
    this.client = client;
    this.place = place;
    this.alive = alive;
  }

  /** The same bucket, for somebody who shows signs of life while a request is under way. */
  Bucket telling(Runnable listener) {
    return new Bucket(client, place, listener);
  }

  /** An object's content, and what a later write can be made to depend on. */
  record Stored(byte[] bytes, String etag) {
    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /** An object as a listing names it. */
  record Listed(String name, long bytes, String etag) {}

  /** For people. */
  BucketPlace place() {
    return place;
  }

  /** Reads an object, if it is there. */
  Optional<Stored> read(String name) {
    return asked(
        () -> {
          try {
            ResponseBytes<GetObjectResponse> got =
                client.getObjectAsBytes(get -> get.bucket(place.bucket()).key(place.object(name)));
            return Optional.of(new Stored(got.asByteArrayUnsafe(), got.response().eTag()));
          } catch (NoSuchKeyException e) {
            return Optional.empty();
          }
        });
  }

  /** Writes an object, whatever is there. */
  void put(String name, byte[] bytes) {
    asked(() -> client.putObject(request(name, bytes).build(), body(bytes)));
  }

  /** Writes an object unless there is one; its new ETag, or empty if there is. */
  Optional<String> create(String name, byte[] bytes) {
    return conditionally(request(name, bytes).ifNoneMatch("*"), bytes);
  }

  /** Writes an object if it is the one with that ETag; its new ETag, or empty if it is not. */
  Optional<String> replace(String name, byte[] bytes, String etag) {
    return conditionally(request(name, bytes).ifMatch(etag), bytes);
  }

  private Optional<String> conditionally(PutObjectRequest.Builder request, byte[] bytes) {
    return asked(
        () -> {
          try {
            return Optional.of(client.putObject(request.build(), body(bytes)).eTag());
          } catch (S3Exception e) {
            boolean other =
                e.statusCode() == REFUSED
                    || e.statusCode() == CONFLICT
                    || (e.statusCode() == NOT_THERE && !BucketFailure.noSuchBucket(e));
            if (other) {
              return Optional.empty();
            }
            throw e;
          }
        });
  }

  /** With a checksum that every server of this protocol compares before it takes the object. */
  private PutObjectRequest.Builder request(String name, byte[] bytes) {
    return PutObjectRequest.builder()
        .bucket(place.bucket())
        .key(place.object(name))
        .contentMD5(md5(bytes));
  }

  /** The bytes themselves and no copy of them; a retry reads them again. */
  private static RequestBody body(byte[] bytes) {
    return RequestBody.fromContentProvider(
        () -> new java.io.ByteArrayInputStream(bytes), bytes.length, "application/octet-stream");
  }

  private static String md5(byte[] bytes) {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java has MD5", e);
    }
  }

  /** The objects whose names begin so, in the order of their names. */
  List<Listed> list(String beginning) {
    return asked(
        () -> {
          List<Listed> all = new ArrayList<>();
          client
              .listObjectsV2Paginator(
                  list -> list.bucket(place.bucket()).prefix(place.object(beginning)))
              .contents()
              .forEach(o -> all.add(new Listed(place.name(o.key()), o.size(), o.eTag())));
          return all;
        });
  }

  /** Removes an object, if it is there. */
  void remove(String name) {
    asked(
        () -> client.deleteObject(delete -> delete.bucket(place.bucket()).key(place.object(name))));
  }

  private <T> T asked(Supplier<T> request) {
    try {
      return Attended.call(alive, request::get);
    } catch (SdkException e) {
      throw BucketFailure.of(place, e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
