package dev.inkling.model.hub;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The two hashes by which the Hub knows contents. */
final class Hashes {
  private Hashes() {}

  /** Of large files. */
  static MessageDigest sha256() {
    return digest("SHA-256");
  }

  /** Of what git itself keeps: SHA-1 of its kind, its size and its content. */
  static MessageDigest blob(long size) {
    MessageDigest digest = digest("SHA-1");
    digest.update(("blob " + size + "\0").getBytes(US_ASCII));
    return digest;
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java has " + algorithm, e);
    }
  }

  /** What a digest says of a content, which is closed. */
  static String of(InputStream content, MessageDigest digest) throws IOException {
    byte[] buffer = new byte[1 << 16];
    try (content) {
      for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return hex(digest);
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
