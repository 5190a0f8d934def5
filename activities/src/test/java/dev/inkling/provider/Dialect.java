package dev.inkling.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inkling.provider.Speech.Turn;
import java.util.ArrayList;
import java.util.List;

/** How a provider's interface writes questions, answers and errors. */
enum Dialect {
  /** Chat completions. */
  OPENAI {
    @Override
    List<Turn> turns(JsonNode body) {
      return messages(body);
    }

    @Override
    long maxTokens(JsonNode body) {
      return body.path("max_completion_tokens").asLong(body.path("max_tokens").asLong(4096));
    }

    @Override
    String answer(JsonNode body, Speech speech, Usage usage, Ending ending) {
      ObjectNode answer = JSON.createObjectNode();
      answer.put("id", "chatcmpl-1").put("object", "chat.completion").put("created", 1_700_000_000);
      answer.set("model", body.path("model"));
      ObjectNode choice = answer.putArray("choices").addObject();
      choice.put("index", 0).put("finish_reason", finish(ending));
      ObjectNode message = choice.putObject("message").put("role", "assistant");
      if (ending == Ending.REFUSED) {
        message.putNull("content").put("refusal", speech.text());
      } else {
        message.put("content", speech.text()).putNull("refusal");
      }
      int top = body.path("top_logprobs").asInt();
      if (body.path("logprobs").asBoolean()) {
        logprobs(choice.putObject("logprobs").putArray("content"), speech, top);
      } else {
        choice.putNull("logprobs");
      }
      answer
          .putObject("usage")
          .put("prompt_tokens", usage.input())
          .put("completion_tokens", usage.output())
          .put("total_tokens", usage.input() + usage.output());
      return answer.toString();
    }

    private static String finish(Ending ending) {
      return switch (ending) {
        case DONE, EMPTY, REFUSED -> "stop";
        case TRUNCATED -> "length";
        case FILTERED -> "content_filter";
        case ODD -> "bored";
      };
    }

    @Override
    String error(int status, String type, String code, String message) {
      ObjectNode error = JSON.createObjectNode();
      error.putObject("error").put("message", message).put("type", type).put("code", code);
      return error.toString();
    }
  },

  /** Messages. */
  ANTHROPIC {
    @Override
    List<Turn> turns(JsonNode body) {
      List<Turn> turns = new ArrayList<>();
      if (body.has("system")) {
        turns.add(new Turn("system", text(body.get("system"))));
      }
      turns.addAll(messages(body));
      return turns;
    }

    @Override
    long maxTokens(JsonNode body) {
      return body.path("max_tokens").asLong();
    }

    @Override
    String answer(JsonNode body, Speech speech, Usage usage, Ending ending) {
      ObjectNode answer = JSON.createObjectNode();
      answer.put("id", "msg_1").put("type", "message").put("role", "assistant");
      answer.set("model", body.path("model"));
      ArrayNode content = answer.putArray("content");
      if (!speech.text().isEmpty()) {
        content.addObject().put("type", "text").put("text", speech.text());
      }
      answer.put("stop_reason", stop(ending)).putNull("stop_sequence");
      answer
          .putObject("usage")
          .put("input_tokens", usage.input())
          .put("output_tokens", usage.output());
      return answer.toString();
    }

    private static String stop(Ending ending) {
      return switch (ending) {
        case DONE, EMPTY -> "end_turn";
        case TRUNCATED -> "max_tokens";
        case FILTERED, REFUSED -> "refusal";
        case ODD -> "bored";
      };
    }

    @Override
    String error(int status, String type, String code, String message) {
      ObjectNode error = JSON.createObjectNode().put("type", "error");
      error.putObject("error").put("type", type).put("message", message);
      return error.toString();
    }
  };

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Why the answer ends. */
  enum Ending {
    DONE,
    TRUNCATED,
    FILTERED,
    REFUSED,
    EMPTY,
    ODD
  }

  /** What is billed. */
  record Usage(long input, long output) {}

  abstract List<Turn> turns(JsonNode body);

  abstract long maxTokens(JsonNode body);

  abstract String answer(JsonNode body, Speech speech, Usage usage, Ending ending);

  abstract String error(int status, String type, String code, String message);

  private static List<Turn> messages(JsonNode body) {
    List<Turn> turns = new ArrayList<>();
    body.path("messages")
        .forEach(m -> turns.add(new Turn(m.path("role").asText(), text(m.path("content")))));
    return turns;
  }

  private static String text(JsonNode content) {
    if (content.isTextual()) {
      return content.textValue();
    }
    StringBuilder text = new StringBuilder();
    content.forEach(part -> text.append(part.path("text").asText()));
    return text.toString();
  }

  /** The token itself has probability 1/2, the next ones 1/4, 1/8, and so on. */
  private static void logprobs(ArrayNode list, Speech speech, int top) {
    for (String token : speech.tokens()) {
      ObjectNode entry = list.addObject().put("token", token).put("logprob", Math.log(0.5));
      entry.putNull("bytes");
      ArrayNode alternatives = entry.putArray("top_logprobs");
      for (int i = 0; i < top; i++) {
        alternatives
            .addObject()
            .put("token", i == 0 ? token : other(token, i))
            .put("logprob", (i + 1) * Math.log(0.5))
            .putNull("bytes");
      }
    }
  }

  private static String other(String token, int distance) {
    String word = token.strip();
    return word.chars().allMatch(Character::isDigit)
        ? Integer.toString((Integer.parseInt(word) + distance) % 101)
        : token + distance;
  }
}
