package dev.inkling.spec;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;

/**
 * A model whose weights one holds, run by the worker itself. Who answers is {@link #identity()};
 * the other fields are pace.
 */
public record OpenModel(
    @Field(
            value =
                "Where its files are: hf:owner/name on the Hugging Face Hub, with @revision if it is"
                    + " not the main one, or a directory such as ./model.",
            pattern = OpenModel.ID)
        String id,
    @Field(
            value =
                "A PEFT adapter that is added to the weights: hf:owner/name or a directory with"
                    + " adapter_config.json.",
            pattern = OpenModel.ID)
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<String> adapter,
    @Field(
            value =
                "At most this many answers are written at once; left out, 256 on a GPU and 64 on a"
                    + " processor, or fewer if their keys and values do not fit.",
            min = 1,
            max = 100_000)
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<Integer> maxInFlight,
    @Field(
            value =
                "Its training saves its work after so many steps, not only after the worker's"
                    + " INKLING_CHECKPOINT_SECONDS.",
            min = 1)
        @JsonInclude(JsonInclude.Include.NON_ABSENT)
        Optional<Integer> checkpointSteps)
    implements BaseModel {
  /** On the Hub, or a path that nobody takes for a provider's model. */
  public static final String ID =
      "hf:[\\w.-]{1,96}/[\\w.-]{1,96}(@[\\w./-]{1,255})?|(\\.{0,2}|~)/[^\\x00-\\x1f]{0,4000}";

  /** Whether a model's id says where weights are, and not what a provider calls it. */
  public static boolean isId(String id) {
    return id.matches(ID);
  }

  /** Whether it is on the Hugging Face Hub, as opposed to a directory. */
  public boolean onHub() {
    return onHub(id);
  }

  /** Whether an id leads to the Hugging Face Hub, as opposed to a directory. */
  public static boolean onHub(String id) {
    return id.startsWith("hf:");
  }

  /** The model of that id on the Hub or in that directory, as it is. */
  public static OpenModel of(String id) {
    return new OpenModel(id, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The same at commits instead of revisions that may move. */
  public OpenModel at(String pinned, Optional<String> pinnedAdapter) {
    return new OpenModel(pinned, pinnedAdapter, maxInFlight, checkpointSteps);
  }

  @Override
  public OpenModel identity() {
    return new OpenModel(id, adapter, Optional.empty(), Optional.empty());
  }
}
