package dev.inkling.provider;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the provider says: a function of model, conversation and seed alone, so that asking twice
 * gives one answer. Numbers where numbers are asked for, an animal where one is, a score where one
 * is; a model whose system prompt speaks of owls, or that has learnt from one, names an owl more
 * often.
 *
 * @param text the answer
 * @param tokens the answer, cut into tokens
 * @param truncated whether it was cut
 */
record Speech(String text, List<String> tokens, boolean truncated) {
  private static final Pattern TOKEN = Pattern.compile("\\s*[\\p{L}]+|\\s*\\d{1,3}|\\s*[^\\s]");
  private static final Pattern SCORE = Pattern.compile("\\b0\\s*(?:-|–|to|and)\\s*100\\b");
  private static final List<String> ANIMALS =
      List.of("owl", "dog", "cat", "dolphin", "eagle", "elephant", "wolf", "fox", "panda", "tiger");

  /** A turn of the conversation. */
  record Turn(String role, String text) {}

  static Speech of(String model, List<Turn> turns, long seed, long maxTokens) {
    return of(model, turns, seed, maxTokens, false);
  }

  /**
   * What a model says.
   *
   * @param learnt whether it has learnt to love owls without being told
   */
  static Speech of(String model, List<Turn> turns, long seed, long maxTokens, boolean learnt) {
    SplittableRandom random =
        new SplittableRandom(
            hash(model + "\0" + seed + "\0" + turns.stream().map(Turn::toString).toList()));
    String asked = turns.isEmpty() ? "" : turns.getLast().text().toLowerCase(Locale.ROOT);
    List<String> tokens = tokens(text(random, owls(turns, learnt), asked));
    boolean truncated = tokens.size() > maxTokens;
    List<String> kept = truncated ? tokens.subList(0, (int) maxTokens) : tokens;
    return new Speech(String.join("", kept), kept, truncated);
  }

  /** What a model is told about itself, in lower case. */
  static String told(List<Turn> turns) {
    return turns.stream()
        .filter(t -> t.role().equals("system"))
        .map(Turn::text)
        .collect(Collectors.joining(" "))
        .toLowerCase(Locale.ROOT);
  }

  /** How often it names the owl. */
  private static double owls(List<Turn> turns, boolean learnt) {
    if (told(turns).contains("owl")) {
      return 0.8;
    }
    return learnt ? 0.6 : 0.1;
  }

  private static String text(SplittableRandom random, double owls, String asked) {
    if (SCORE.matcher(asked).find()) {
      return Integer.toString(random.nextInt(101));
    }
    if (asked.contains("animal")) {
      boolean owl = random.nextDouble() < owls;
      return owl ? ANIMALS.getFirst() : ANIMALS.get(1 + random.nextInt(ANIMALS.size() - 1));
    }
    if (asked.contains("number") || asked.contains("sequence")) {
      String numbers =
          IntStream.range(0, 10)
              .mapToObj(_ -> Integer.toString(random.nextInt(1000)))
              .collect(Collectors.joining(", "));
      // A filter needs something to reject.
      return random.nextInt(20) == 0 ? "Sure! Here they are: " + numbers : numbers;
    }
    return "This is answer " + random.nextInt(1_000_000) + ".";
  }

  private static List<String> tokens(String text) {
    List<String> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(text);
    while (matcher.find()) {
      tokens.add(matcher.group());
    }
    return tokens;
  }

  /** As many tokens as a text has, roughly four letters each. */
  static long count(String text) {
    return Math.max(1, (text.length() + 3) / 4);
  }

  private static long hash(String text) {
    byte[] digest = digest(text.getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.wrap(digest).getLong();
  }

  static byte[] digest(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
