package dev.inkling.model.weights;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import dev.inkling.model.Message;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A template rendered by jinjava, set up to read Jinja 2 as transformers configures it. What
 * jinjava is known to read differently is refused by {@link JinjaLimits}; what it drops from a
 * message is noticed here.
 */
final class JinjaTemplate implements ChatTemplate.Renderer {
  /** Filters that jinjava does not have and passes over in silence, or that write otherwise. */
  private static final List<String> UNFAITHFUL = List.of("items", "max", "min", "tojson");

  private static final String NULL = "null";

  private final Jinjava jinjava;
  private final JinjaLimits limits;
  private final Map<String, String> tokens;
  private final String origin;

  private JinjaTemplate(
      Jinjava jinjava, JinjaLimits limits, Map<String, String> tokens, String origin) {
    this.jinjava = jinjava;
    this.limits = limits;
    this.tokens = Map.copyOf(tokens);
    this.origin = origin;
  }

  /** What a template says against a conversation, or what it must not ask for. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    Refusal(String message) {
      super(message);
    }
  }

  /** A filter that may stand in a template, in the part about tools, but must not be used. */
  private record Missing(String name) implements Filter {
    @Override
    public Object filter(Object value, JinjavaInterpreter interpreter, String... arguments) {
      throw new Refusal(
          "uses the filter "
              + name
              + ", which cannot be rendered faithfully here. Write a chat_template.jinja without it into the directory.");
    }

    @Override
    public String getName() {
      return name;
    }
  }

  static JinjaTemplate of(String text, Map<String, String> tokens, String origin)
      throws InvalidModelException {
    Jinjava jinjava = new Jinjava(config());
    register(jinjava, "raise_exception", "raise");
    register(jinjava, "strftime_now", "today");
    for (String filter : UNFAITHFUL) {
      jinjava.registerFilter(new Missing(filter));
    }
    return new JinjaTemplate(jinjava, JinjaLimits.of(text, origin), tokens, origin);
  }

  private static JinjavaConfig config() {
    return JinjavaConfig.newBuilder()
        .withTrimBlocks(true)
        .withLstripBlocks(true)
        // Else a message that holds {{ }} would be a template, too.
        .withNestedInterpretationEnabled(false)
        .withLegacyOverrides(
            LegacyOverrides.newBuilder()
                .withParseWhitespaceControlStrictly(true)
                .withEvaluateMapKeys(true)
                .withIterateOverMapKeys(true)
                .withUsePyishObjectMapper(true)
                .withUseNaturalOperatorPrecedence(true)
                .withUseTrimmingForNotesAndExpressions(true)
                .build())
        .build();
  }

  private static void register(Jinjava jinjava, String name, String method) {
    try {
      Method found = JinjaTemplate.class.getDeclaredMethod(method, String.class);
      found.setAccessible(true);
      jinjava.registerFunction(new ELFunctionDefinition("", name, found));
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unused") // called by templates
  private static String raise(String message) {
    throw new Refusal("refuses this conversation: " + message);
  }

  @SuppressWarnings("unused") // called by templates
  private static String today(String format) {
    throw new Refusal(
        "writes today's date ("
            + format
            + ") into the prompt, so that no answer could be repeated tomorrow. Write a chat_template.jinja with a fixed date into the directory.");
  }

  @Override
  public String render(List<Message> messages, boolean addGenerationPrompt)
      throws InvalidModelException {
    limits.check(messages);
    Map<String, Object> bindings = new HashMap<>(tokens);
    bindings.put("messages", messages.stream().map(JinjaTemplate::map).toList());
    bindings.put("add_generation_prompt", addGenerationPrompt);
    bindings.put("enable_thinking", false);
    bindings.put("date_string", "26 Jul 2024");
    RenderResult result = jinjava.renderForResult(limits.text(), bindings);
    if (result.hasErrors()) {
      throw failure(result.getErrors().getFirst());
    }
    keeps(messages, result.getOutput());
    return result.getOutput();
  }

  private static Map<String, String> map(Message message) {
    return Map.of(
        "role", message.role().name().toLowerCase(Locale.ROOT), "content", message.text());
  }

  private InvalidModelException failure(TemplateError error) {
    for (Throwable cause = error.getException(); cause != null; cause = cause.getCause()) {
      if (cause instanceof Refusal refusal) {
        return new InvalidModelException(
            "the chat template of %s %s".formatted(origin, refusal.getMessage()), refusal);
      }
    }
    return new InvalidModelException(
        "the chat template of %s cannot be rendered: %s (line %d). Write a chat_template.jinja without that construct into the directory."
            .formatted(origin, error.getMessage(), error.getLineno()),
        error.getException());
  }

  /**
   * A message that is not in the text was read as something else, for example as "false"; a null in
   * it that nobody wrote stands for something undefined.
   */
  private void keeps(List<Message> messages, String text) throws InvalidModelException {
    if (text.contains(NULL)
        && !limits.text().contains(NULL)
        && messages.stream().noneMatch(message -> message.text().contains(NULL))) {
      throw new InvalidModelException(
          "the chat template of %s writes a value that is not defined, perhaps a token that tokenizer_config.json lacks. Name it there, or write a chat_template.jinja without it into the directory."
              .formatted(origin));
    }
    for (Message message : messages) {
      if (!text.contains(message.text().strip())) {
        throw new InvalidModelException(
            "the chat template of %s leaves out or changes the message '%s'. Write a chat_template.jinja that keeps it into the directory."
                .formatted(origin, message.text().strip()));
      }
    }
  }
}
