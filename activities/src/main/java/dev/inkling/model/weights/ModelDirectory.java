package dev.inkling.model.weights;

import dev.inkling.model.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A directory as the Hugging Face Hub holds it: {@code config.json}, weights in safetensors, {@code
 * tokenizer.json} and a chat template. Opening it checks that the parts belong together.
 */
public final class ModelDirectory implements AutoCloseable {
  /** The weights' file, where they are in one. */
  public static final String WEIGHTS = Weights.SINGLE;

  private final Path path;
  private final ModelConfig config;
  private final Weights weights;
  private final Tokenizer tokenizer;
  private final ChatTemplate chatTemplate;

  private ModelDirectory(
      Path path,
      ModelConfig config,
      Weights weights,
      Tokenizer tokenizer,
      ChatTemplate chatTemplate) {
    this.path = path;
    this.config = config;
    this.weights = weights;
    this.tokenizer = tokenizer;
    this.chatTemplate = chatTemplate;
  }

  /**
   * A conversation with its answer, to learn from.
   *
   * @param ids the whole, with what ends the turn
   * @param completionStart the index of the completion's first token
   */
  public record Example(int[] ids, int completionStart) {}

  /**
   * Opens a directory; nothing of the weights is read yet.
   *
   * @throws InvalidModelException if something is missing, damaged, not supported, or does not
   *     belong to the rest
   */
  public static ModelDirectory open(Path directory) throws InvalidModelException {
    if (!Files.isDirectory(directory)) {
      throw new InvalidModelException(
          directory + " is no directory. Download the model, or name the directory that holds it.");
    }
    ModelConfig config = ModelConfigReader.read(directory);
    ChatTemplate template = ChatTemplate.inDirectory(directory);
    Weights weights = Weights.inDirectory(directory);
    try {
      ExpectedWeights.check(config, weights, directory.toString());
      Tokenizer tokenizer = Tokenizer.inDirectory(directory);
      try {
        fits(tokenizer, config, directory);
      } catch (InvalidModelException e) {
        tokenizer.close();
        throw e;
      }
      return new ModelDirectory(directory, config, weights, tokenizer, template);
    } catch (InvalidModelException e) {
      weights.close();
      throw e;
    }
  }

  /** Special tokens may lie beyond the embedding, as that for images does in Gemma 3 1B. */
  private static void fits(Tokenizer tokenizer, ModelConfig config, Path directory)
      throws InvalidModelException {
    if (tokenizer.largest() >= config.vocabulary()) {
      throw new InvalidModelException(
          "in %s the tokenizer has the token %d, but the network knows tokens below %d only: they are of different models. Download the model again."
              .formatted(directory, tokenizer.largest(), config.vocabulary()));
    }
    for (int stop : tokenizer.stopTokens()) {
      if (stop >= config.vocabulary()) {
        throw new InvalidModelException(
            "in %s the token %d is said to end an answer, but the network knows tokens below %d only. Correct eos_token_id in generation_config.json."
                .formatted(directory, stop, config.vocabulary()));
      }
    }
  }

  /** Where it lies. */
  public Path path() {
    return path;
  }

  /** What the network consists of. */
  public ModelConfig config() {
    return config;
  }

  /** The network's weights. */
  public Weights weights() {
    return weights;
  }

  /** Text as tokens. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** Conversations as text. */
  public ChatTemplate chatTemplate() {
    return chatTemplate;
  }

  /**
   * The tokens after which the model's answer begins.
   *
   * @throws InvalidModelException if the model's template does not take such a conversation
   */
  public int[] prompt(List<Message> messages) throws InvalidModelException {
    return known(tokenizer.encode(chatTemplate.render(messages, true)));
  }

  /**
   * A conversation and what should be answered, as tokens. They begin with those of {@link
   * #prompt}, so that what is learned is what will be asked. Where the tokenizer would join the
   * prompt's last token with the completion's first, as it may join newlines, they stay apart: a
   * model that answers cannot join them either.
   *
   * @throws InvalidModelException if the model's template does not take such a conversation, or
   *     writes it otherwise once it is answered
   */
  public Example example(List<Message> messages, String completion) throws InvalidModelException {
    String prompt = chatTemplate.render(messages, true);
    List<Message> answered = new ArrayList<>(messages);
    answered.add(Message.assistant(completion));
    String whole = chatTemplate.render(answered, false);
    if (!whole.startsWith(prompt)) {
      throw new InvalidModelException(
          "the chat template of %s writes a conversation otherwise once it is answered: '%s' does not begin with the prompt '%s'. Write a chat_template.jinja that does into the directory."
              .formatted(path, whole, prompt));
    }
    int[] before = tokenizer.encode(prompt);
    int[] ids = tokenizer.encode(whole);
    if (before.length > ids.length
        || Arrays.mismatch(before, 0, before.length, ids, 0, before.length) >= 0) {
      ids = joined(before, whole.substring(prompt.length()));
    }
    return new Example(known(ids), before.length);
  }

  private int[] joined(int[] before, String rest) throws InvalidModelException {
    int[] after = tokenizer.encode(rest);
    if (after.length > 0 && !begins(rest, tokenizer.bytes(after[0]))) {
      throw new InvalidModelException(
          "the tokenizer of %s cannot continue a prompt with '%s': it would add a space before it. Leave such completions out."
              .formatted(path, rest));
    }
    return IntStream.concat(Arrays.stream(before), Arrays.stream(after)).toArray();
  }

  private static boolean begins(String text, byte[] bytes) {
    byte[] all = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length <= all.length
        && Arrays.mismatch(bytes, 0, bytes.length, all, 0, bytes.length) < 0;
  }

  /** An id that the network has no embedding for would end the process on a GPU. */
  private int[] known(int[] ids) throws InvalidModelException {
    for (int id : ids) {
      if (id >= config.vocabulary()) {
        throw new InvalidModelException(
            "the conversation holds the special token %d, which the network in %s does not know. Take it out of the text."
                .formatted(id, path));
      }
    }
    return ids;
  }

  /**
   * What the answers of this model depend on, as one SHA-256 (64 hexadecimal digits): the names and
   * bytes of the configuration, the tokenizer's files, the chat template and the weights. Reads
   * every byte, until it is interrupted.
   *
   * @throws InvalidModelException if a file cannot be read or weights are missing
   */
  public static String fingerprint(Path directory)
      throws InvalidModelException, InterruptedException {
    return Fingerprint.ofModel(directory);
  }

  /**
   * The same of a PEFT adapter: the names and bytes of its two files.
   *
   * @throws InvalidModelException if one cannot be read
   */
  public static String fingerprintOfAdapter(Path directory)
      throws InvalidModelException, InterruptedException {
    return Fingerprint.ofAdapter(directory);
  }

  /**
   * Refuses a model that also sees images: only its part about text is read, and beside the
   * description of the whole that part would be no model.
   *
   * @param instead what to do, for the message
   */
  public static void checkTextOnly(Path directory, String instead) throws InvalidModelException {
    if (JsonFile.optional(directory.resolve("config.json")).has("text_config")) {
      throw new InvalidModelException(
          "%s also sees images, and only its text model could be written; %s"
              .formatted(directory, instead));
    }
  }

  /** Copies everything but the weights: configuration, tokenizer and chat template. */
  public static void copyDescription(Path source, Path target) throws IOException {
    Description.copy(source, target);
  }

  @Override
  public void close() {
    tokenizer.close();
    weights.close();
  }
}
