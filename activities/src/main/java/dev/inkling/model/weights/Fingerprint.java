package dev.inkling.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inkling.plan.Keys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** The identity of a local directory with a model or an adapter. */
final class Fingerprint {
  private static final String INDEX = "model.safetensors.index.json";

  /** What PEFT makes of an adapter. */
  private static final List<String> ADAPTER =
      List.of("adapter_config.json", "adapter_model.safetensors");

  private static final int PIECE = 1 << 20;

  private Fingerprint() {}

  static String ofModel(Path directory) throws InvalidModelException, InterruptedException {
    return of(directory, names(directory));
  }

  static String ofAdapter(Path directory) throws InvalidModelException, InterruptedException {
    return of(directory, ADAPTER);
  }

  private static String of(Path directory, Collection<String> names)
      throws InvalidModelException, InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String name : names) {
      // Names have no line breaks and hashes one length, so that no two lists read the same.
      all.writeBytes((name + "\n").getBytes(StandardCharsets.UTF_8));
      all.writeBytes(contents(directory.resolve(name)));
    }
    return Keys.sha256(all.toByteArray());
  }

  private static SortedSet<String> names(Path directory) throws InvalidModelException {
    SortedSet<String> names = new TreeSet<>();
    for (String name : Description.DECISIVE) {
      if (Files.isRegularFile(directory.resolve(name))) {
        names.add(name);
      }
    }
    JsonNode index = JsonFile.optional(directory.resolve(INDEX));
    if (index.isMissingNode()) {
      names.add("model.safetensors");
    } else {
      names.add(INDEX);
      index.path("weight_map").forEach(shard -> names.add(shard.asText()));
    }
    return names;
  }

  /** The SHA-256 of a file's bytes; an interrupt ends it at the next piece. */
  private static byte[] contents(Path file) throws InvalidModelException, InterruptedException {
    try (FileChannel in = FileChannel.open(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
      while (in.read(piece) >= 0) {
        digest.update(piece.flip());
        piece.clear();
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new LinkageError("every Java has SHA-256", e);
    } catch (ClosedByInterruptException _) {
      throw new InterruptedException("interrupted while reading " + file);
    } catch (IOException e) {
      throw new InvalidModelException(
          "%s cannot be read (%s). Download the model again.".formatted(file, e), e);
    }
  }
}
