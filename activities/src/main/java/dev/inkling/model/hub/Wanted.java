package dev.inkling.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inkling.model.hub.HubException.Reason;
import dev.inkling.model.weights.Description;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which files of a repository are needed: configuration, tokenizer, chat template and the weights
 * as safetensors, of a model or of an adapter. Not the same weights in other forms, and nothing in
 * folders.
 */
final class Wanted {
  static final String INDEX = "model.safetensors.index.json";

  private static final String SUFFIX = ".safetensors";

  private static final Set<String> NAMES =
      Stream.concat(Description.DECISIVE.stream(), Stream.of("adapter_config.json", INDEX))
          .collect(Collectors.toUnmodifiableSet());

  private static final Pattern TOKENIZER = Pattern.compile("tokenizer[\\w.-]*\\.json");

  private static final Pattern WEIGHTS = Pattern.compile("[\\w.-]+\\.safetensors");

  private Wanted() {}

  /** All but the weights. */
  static List<HubFile> small(Listing listing) {
    return listing.files().stream()
        .filter(f -> NAMES.contains(f.path()) || TOKENIZER.matcher(f.path()).matches())
        .toList();
  }

  /**
   * The weights.
   *
   * @param snapshot where the small files are: the index names its shards
   * @throws HubException if there are none
   */
  static List<HubFile> weights(Listing listing, Path snapshot, ModelId.OnHub id)
      throws HubException, IOException {
    List<HubFile> found = new ArrayList<>();
    listing.file("adapter_model" + SUFFIX).ifPresent(found::add);
    if (listing.file(INDEX).isPresent()) {
      for (String shard : shards(snapshot.resolve(INDEX))) {
        if (!WEIGHTS.matcher(shard).matches()) {
          throw refused(id, "its " + INDEX + " names something else than files beside it");
        }
        found.add(
            listing
                .file(shard)
                .orElseThrow(
                    () ->
                        refused(id, "its " + INDEX + " names " + shard + ", which is not there")));
      }
    } else if (listing.file("model" + SUFFIX).isPresent()) {
      found.add(listing.file("model" + SUFFIX).get());
    } else if (found.isEmpty()) {
      listing.files().stream().filter(f -> WEIGHTS.matcher(f.path()).matches()).forEach(found::add);
    }
    if (found.isEmpty()) {
      throw refused(
          id,
          "it has no weights as .safetensors. Look for a repository that has, or convert them with"
              + " transformers: save_pretrained(directory, safe_serialization=True), and give the"
              + " directory");
    }
    return found;
  }

  /** The files that an index names. */
  static Set<String> shards(Path index) throws IOException {
    Set<String> shards = new TreeSet<>();
    for (JsonNode shard :
        new ObjectMapper().readTree(Files.readAllBytes(index)).path("weight_map")) {
      shards.add(shard.asText());
    }
    return shards;
  }

  private static HubException refused(ModelId.OnHub id, String why) {
    return new HubException(Reason.REFUSED, id + " cannot be used: " + why + ".");
  }
}
